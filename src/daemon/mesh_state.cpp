#include "daemon/mesh_state.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/log.h"
#include "crypto/ml_kem.h"

namespace phantom::daemon {

namespace {

constexpr int kLockTries = 40;
constexpr int kLockIntervalMs = 25;

std::unexpected<std::string> sentence(const identity::StoreError& error) {
    return std::unexpected(error.message());
}
std::unexpected<std::string> sentence(const Error& error) {
    return std::unexpected(std::string(error.what()));
}

OrSentence<identity::KeyStore> open_store(const RunOptions& options) {
    std::error_code ignored;
    const std::filesystem::path directory(options.state_dir);
    std::filesystem::create_directories(directory.parent_path(), ignored);
    auto store = identity::KeyStore::open(directory);
    // A daemon that was just killed still holds its lock while its threads end.
    for (int tries = 0; tries < kLockTries && !store; ++tries) {
        if (!store.error().cause.is(identity::IdentityError::kStateInUse)) {
            break;
        }
        (void)poll(nullptr, 0, kLockIntervalMs);  // nothing runs yet that could wait for us
        store = identity::KeyStore::open(directory);
    }
    if (!store) {
        return sentence(store.error());
    }
    return std::move(*store);
}

identity::Membership membership_of(const RunOptions& options, const crypto::VerifyKey& root) {
    return {
        .root = root,
        .interface = options.interface,
        .listen_port = options.listen_port,
        .endpoint = options.endpoint,
    };
}

// Membership last: a directory without it belongs to no mesh, whatever else was written.
std::optional<std::string> save_all(MeshState& state) {
    std::vector<identity::MemberRecord> members = state.members;
    members.push_back(state.self);
    if (const auto saved = state.store.save_members(members); !saved) {
        return saved.error().message();
    }
    if (const auto saved = state.store.save_membership(state.membership); !saved) {
        return saved.error().message();
    }
    return std::nullopt;
}

// Our own record. Which keys are ours its certificate says: the process may have ended between the
// certificate of the next ones and their taking the place of those before.
std::vector<identity::MemberRecord>::iterator find_certified(
    std::vector<identity::MemberRecord>& members, const identity::NodeKeys& keys
) {
    return std::ranges::find(members, keys.hash(), [](const identity::MemberRecord& each) {
        return each.certificate.keys;
    });
}

// They can be agreed anew, so a node starts without them.
identity::PeerMemories load_memories(const identity::KeyStore& store) {
    auto memories = store.load_peer_memories();
    if (!memories) {
        log::error("{} Keys are agreed anew.", memories.error().message());
        return {};
    }
    return std::move(*memories);
}

// Only told to people.
std::optional<identity::RootSplit> load_split(const identity::KeyStore& store) {
    auto split = store.load_root_split();
    if (!split) {
        log::error("{}", split.error().message());
        return std::nullopt;
    }
    return *split;
}

}  // namespace

std::unique_ptr<const identity::NodeKeys> make_keys(const identity::NodeSeeds& seeds) {
    return std::make_unique<const identity::NodeKeys>(
        seeds,
        [](std::span<const std::uint8_t, identity::kKemSeedSize> seed) {
            const auto pair = crypto::KemKeyPair::from_seed(crypto::KemSeed(seed));
            PM_ASSERT(pair.has_value());  // every seed is one
            return pair->public_key();
        }
    );
}

OrSentence<identity::Label> choose_name(const std::string& wanted) {
    if (!wanted.empty()) {
        auto name = identity::Label::parse(wanted);
        if (!name) {
            return std::unexpected(fmt::format(
                "'{}' cannot be a node's name: use a-z, 0-9 and '-', 63 at most", wanted
            ));
        }
        return std::move(*name);
    }
    std::array<char, 256> host{};
    (void)gethostname(host.data(), host.size() - 1);
    std::string text(host.data());
    text = text.substr(0, text.find('.'));
    for (char& each : text) {
        const auto byte = static_cast<unsigned char>(each);
        each = std::isalnum(byte) != 0 ? static_cast<char>(std::tolower(byte)) : '-';
    }
    auto name = identity::Label::parse(text);
    return name ? std::move(*name) : *identity::Label::parse("node");
}

OrSentence<FreshState> open_fresh(const RunOptions& options, Random& random) {
    auto store = open_store(options);
    if (!store) {
        return std::unexpected(store.error());
    }
    if (store->has_membership()) {
        return std::unexpected(fmt::format(
            "{} belongs to a mesh already. 'phantom up' starts it; to begin anew, stop it and "
            "move that folder away.",
            options.state_dir
        ));
    }
    if (!store->has_keys()) {
        const auto made = identity::KeyRing::of(identity::NodeSeeds::generate(random));
        if (const auto saved = store->create_keys(made); !saved) {
            return sentence(saved.error());
        }
    }
    auto ring = store->load_keys();
    if (!ring) {
        return sentence(ring.error());
    }
    auto keys = make_keys(ring->current);
    return FreshState{std::move(*store), std::move(*ring), std::move(keys)};
}

identity::Descriptor first_descriptor(
    const identity::MeshId& mesh, const identity::NodeKeys& keys, const identity::Label& name,
    identity::UnixTime now
) {
    identity::Descriptor descriptor;
    descriptor.mesh = mesh;
    descriptor.node = keys.first_id();
    descriptor.keys = keys.public_keys();
    descriptor.name = name;
    descriptor.sequence = now.s;
    descriptor.issued = now;
    descriptor.expiry = now.plus(7 * 86'400);
    descriptor.capabilities = static_cast<std::uint32_t>(identity::Capability::kRelay);
    return descriptor;
}

wire::Address choose_v4(
    const identity::NodeId& node, const std::function<bool(const wire::Address&)>& taken
) {
    constexpr std::uint32_t kRange = 100U << 24U | 64U << 16U;  // RFC 6598
    constexpr std::uint32_t kHostBits = 22;
    std::uint32_t host = load_be<std::uint32_t>(node.bytes.data()) >> (32 - kHostBits);
    for (std::uint32_t tries = 0; tries < (1U << kHostBits); ++tries) {
        host = (host + (tries == 0 ? 0 : 1)) & ((1U << kHostBits) - 1);
        std::array<std::uint8_t, 4> bytes{};
        store_be<std::uint32_t>(bytes.data(), kRange | host);
        const wire::Address address = wire::Address::v4(bytes.data());
        const bool is_edge = host == 0 || host == (1U << kHostBits) - 1;
        if (!is_edge && !taken(address)) {
            return address;
        }
    }
    return {};
}

OrSentence<MeshState> make_mesh(const RunOptions& options, Random& random) {
    auto name = choose_name(options.name);
    if (!name) {
        return std::unexpected(name.error());
    }
    auto fresh = open_fresh(options, random);
    if (!fresh) {
        return std::unexpected(fresh.error());
    }
    if (!fresh->store.has_root_seeds()) {
        const auto seeds =
            crypto::SigningSeeds::generate(random, crypto::SignatureAlgorithm::kMlDsa65Ed25519);
        if (const auto saved = fresh->store.save_root_seeds(seeds); !saved) {
            return sentence(saved.error());
        }
    }
    const auto seeds = fresh->store.load_root_seeds();
    if (!seeds) {
        return sentence(seeds.error());
    }
    RootHold root = RootHold::for_good(*seeds);
    const crypto::VerifyKey& verify_key = (*root).verify_key();
    const identity::UnixTime now = unix_now();
    const identity::MeshId mesh = identity::mesh_id_of(verify_key);
    identity::MemberRecord self;
    self.certificate.node = fresh->keys->first_id();
    self.certificate.keys = fresh->keys->hash();
    self.certificate.keys_since = now;
    self.certificate.name = *name;
    self.certificate.overlay_v4 =
        choose_v4(self.certificate.node, [](const auto&) { return false; });
    random.fill(self.certificate.serial);
    self.certificate.not_before = now;
    self.certificate.expiry = now.plus(kCertificateLifetimeS);
    self.descriptor = first_descriptor(mesh, *fresh->keys, *name, now);
    self.descriptor.overlay_v4 = self.certificate.overlay_v4;
    self.descriptor.capabilities |= static_cast<std::uint32_t>(identity::Capability::kIntroducer);
    if (const auto issued = self.certificate.issue(*root); !issued) {
        return sentence(issued.error());
    }
    if (const auto issued = self.descriptor.sign(fresh->keys->signing()); !issued) {
        return sentence(issued.error());
    }
    MeshState state{
        .store = std::move(fresh->store),
        .ring = std::move(fresh->ring),
        .keys = std::move(fresh->keys),
        .next_keys = nullptr,
        .membership = membership_of(options, verify_key),
        .self = std::move(self),
        .root = std::move(root),
        .split = {},
        .members = {},
        .revocations = {},
        .tokens = {},
        .policy = {},
        .memories = {},
        .issued = {},
    };
    if (auto problem = save_all(state)) {
        return std::unexpected(std::move(*problem));
    }
    return state;
}

OrSentence<MeshState> take_place(
    FreshState fresh, const RunOptions& options, const crypto::VerifyKey& root,
    const identity::MemberRecord& self, const identity::MemberRecord& introducer
) {
    MeshState state{
        .store = std::move(fresh.store),
        .ring = std::move(fresh.ring),
        .keys = std::move(fresh.keys),
        .next_keys = nullptr,
        .membership = membership_of(options, root),
        .self = self,
        .root = {},
        .split = {},
        .members = {introducer},
        .revocations = {},
        .tokens = {},
        .policy = {},
        .memories = {},
        .issued = {},
    };
    if (auto problem = save_all(state)) {
        return std::unexpected(std::move(*problem));
    }
    return state;
}

namespace {

struct Own {
    std::unique_ptr<const identity::NodeKeys> keys;
    identity::MemberRecord record;
};

// Which keys are this node's says its certificate: a change that was cut short is made good. Its record is
// taken out of `members`.
OrSentence<Own> find_own(
    identity::KeyStore& store, identity::KeyRing& ring, std::vector<identity::MemberRecord>& members
) {
    auto keys = make_keys(ring.current);
    auto self = find_certified(members, *keys);
    if (self == members.end() && ring.next.has_value()) {
        keys = make_keys(ring.next.value());
        self = find_certified(members, *keys);
        if (self != members.end()) {
            ring.advance(self->certificate.expiry);
            if (const auto saved = store.save_keys(ring); !saved) {
                return sentence(saved.error());
            }
        }
    }
    if (self == members.end()) {
        return std::unexpected("this node's own certificate is missing; join again");
    }
    Own own{.keys = std::move(keys), .record = std::move(*self)};
    members.erase(self);
    return own;
}

OrSentence<RootHold> load_root(const identity::KeyStore& store) {
    if (!store.has_root_seeds()) {
        return RootHold();
    }
    const auto seeds = store.load_root_seeds();
    if (!seeds) {
        return sentence(seeds.error());
    }
    return RootHold::for_good(*seeds);
}

void take_options(const RunOptions& options, identity::Membership& membership) {
    if (!options.interface.empty()) {
        membership.interface = options.interface;
    }
    if (options.listen_port != 0) {
        membership.listen_port = options.listen_port;
    }
    if (!options.endpoint.empty()) {
        membership.endpoint = options.endpoint;
    }
}

}  // namespace

OrSentence<MeshState> load_state(const RunOptions& options) {
    auto store = open_store(options);
    if (!store) {
        return std::unexpected(store.error());
    }
    if (!store->has_membership()) {
        return std::unexpected(fmt::format(
            "{} belongs to no mesh yet: run 'phantom init' to make one, or 'phantom join TOKEN'.",
            options.state_dir
        ));
    }
    auto ring = store->load_keys();
    auto membership = store->load_membership();
    auto members = store->load_members();
    auto revocations = store->load_revocations();
    auto tokens = store->load_tokens();
    auto policy = store->load_policy();
    auto issued = store->load_issued_places();
    if (!ring) {
        return sentence(ring.error());
    }
    for (const auto* problem :
         {membership ? nullptr : &membership.error(), members ? nullptr : &members.error(),
          revocations ? nullptr : &revocations.error(), tokens ? nullptr : &tokens.error(),
          policy ? nullptr : &policy.error(), issued ? nullptr : &issued.error()}) {
        if (problem != nullptr) {
            return sentence(*problem);
        }
    }
    auto root = load_root(*store);
    if (!root) {
        return std::unexpected(root.error());
    }
    auto own = find_own(*store, *ring, *members);
    if (!own) {
        return std::unexpected(fmt::format("{}: {}", options.state_dir, own.error()));
    }
    take_options(options, *membership);
    identity::PeerMemories memories = load_memories(*store);
    auto split = load_split(*store);
    return MeshState{
        .store = std::move(*store),
        .ring = std::move(*ring),
        .keys = std::move(own->keys),
        .next_keys = nullptr,
        .membership = std::move(*membership),
        .self = std::move(own->record),
        .root = std::move(*root),
        .split = std::move(split),
        .members = std::move(*members),
        .revocations = std::move(*revocations),
        .tokens = std::move(*tokens),
        .policy = std::move(*policy),
        .memories = std::move(memories),
        .issued = std::move(*issued),
    };
}

}  // namespace phantom::daemon
