// The compiled policy against one that asks every grant in turn, on random policies.

#include "policy/compiled.h"

#include <algorithm>
#include <tuple>

#include <gtest/gtest.h>

#include "base/random.h"

namespace phantom::policy {
namespace {

wire::Address address(const std::string& text) {
    return wire::Address::parse(text).value();
}

bool naive_match(
    const Selector& selector, const wire::Address& asked, const CompiledPolicy& policy
) {
    const Member* owner = nullptr;
    for (const Member& member : policy.members()) {
        if (std::ranges::find(member.addresses, asked) != member.addresses.end()) {
            owner = &member;
        }
    }
    switch (selector.kind) {
        case Selector::Kind::kEveryone:
            return owner != nullptr;
        case Selector::Kind::kNode:
            return owner != nullptr && owner->name == selector.name;
        case Selector::Kind::kTag:
            return owner != nullptr &&
                   std::ranges::find(owner->tags, selector.name) != owner->tags.end();
        case Selector::Kind::kGroup:
            return std::ranges::any_of(
                policy.document().groups.at(selector.name),
                [&](const Selector& each) { return naive_match(each, asked, policy); }
            );
        case Selector::Kind::kPrefix:
            return owner == nullptr
                       ? selector.prefix.contains(asked)
                       : selector.prefix ==
                             wire::Prefix::of(asked, static_cast<std::uint8_t>(asked.bit_count()));
    }
    return false;
}

bool naive_service(const Service& service, const Flow& flow) {
    const bool in_range =
        flow.destination_port >= service.port_first && flow.destination_port <= service.port_last;
    switch (service.protocol) {
        case Protocol::kTcp:
            return flow.protocol == 6 && in_range;
        case Protocol::kUdp:
            return flow.protocol == 17 && in_range;
        case Protocol::kIcmp:
            return flow.protocol == 1 || flow.protocol == 58;
        case Protocol::kAny:
            return true;
    }
    return false;
}

std::optional<std::size_t> naive_grant(const CompiledPolicy& policy, const Flow& flow) {
    const auto& grants = policy.document().grants;
    const auto at = std::ranges::find_if(grants, [&](const Grant& grant) {
        const auto matches = [&](const wire::Address& asked) {
            return [&policy, &asked](const Selector& each) {
                return naive_match(each, asked, policy);
            };
        };
        return std::ranges::any_of(grant.sources, matches(flow.source)) &&
               std::ranges::any_of(grant.destinations, matches(flow.destination)) &&
               std::ranges::any_of(grant.services, [&](const Service& service) {
                   return naive_service(service, flow);
               });
    });
    return at == grants.end() ? std::nullopt
                              : std::optional(static_cast<std::size_t>(at - grants.begin()));
}

// Few names, few ports, few networks: so that they meet.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    std::vector<Member> members() {
        std::vector<Member> made;
        for (const std::string number : {"1", "2", "3", "4", "5"}) {
            Member& member = made.emplace_back();
            member.name = "node-" + number;
            member.addresses = {address("100.64.0." + number), address("fd00::" + number)};
            for (const char* tag : {"a", "b"}) {
                if (below(2) == 0) {
                    member.tags.emplace_back(tag);
                }
            }
        }
        return made;
    }

    Document document() {
        Document made;
        made.groups["g"] = {simple(), simple()};
        for (std::size_t count = below(kGrantsMax / 4); count-- > 0;) {
            made.grants.push_back({selectors(), selectors(), services(), {}});
        }
        return made;
    }

    Flow flow() {
        constexpr std::array<std::uint8_t, 5> kProtocols{6, 17, 1, 58, 132};
        return {
            .source = any_address(),
            .destination = any_address(),
            .destination_port = port(),
            .protocol = kProtocols[below(kProtocols.size())],
        };
    }

  private:
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_.below(bound)); }
    std::uint16_t port() {
        constexpr std::array<std::uint16_t, 7> kPorts{0, 1, 22, 23, 24, 65'534, 65'535};
        return kPorts[below(kPorts.size())];
    }
    wire::Address any_address() {
        static constexpr std::array kAll{
            "100.64.0.1", "100.64.0.2", "100.64.0.5",  "100.64.0.9",      "fd00::1",
            "fd00::3",    "fd00::9",    "192.168.7.0", "192.168.7.255",   "192.168.8.0",
            "0.0.0.0",    "::",         "8.8.8.8",     "255.255.255.255", "ffff::ffff"
        };
        return address(kAll[below(kAll.size())]);
    }
    Selector simple() {
        Selector made;
        made.kind = below(2) == 0 ? Selector::Kind::kNode : Selector::Kind::kTag;
        made.name = made.kind == Selector::Kind::kTag ? (below(2) == 0 ? "a" : "b")
                                                      : "node-" + std::to_string(1 + below(7));
        return made;
    }
    Selector selector() {
        Selector made = simple();
        switch (below(6)) {
            case 0:
                made.kind = Selector::Kind::kEveryone;
                break;
            case 1:
                made.kind = Selector::Kind::kGroup;
                made.name = std::string(1, 'g');
                break;
            case 2:
            case 3: {
                const wire::Address base = any_address();
                made.kind = Selector::Kind::kPrefix;
                made.prefix =
                    wire::Prefix::of(base, static_cast<std::uint8_t>(below(base.bit_count() + 1)));
                break;
            }
            default:
                break;
        }
        return made;
    }
    std::vector<Selector> selectors() {
        std::vector<Selector> made;
        for (std::size_t count = 1 + below(2); count-- > 0;) {
            made.push_back(selector());
        }
        return made;
    }
    std::vector<Service> services() {
        Service made{static_cast<Protocol>(below(4)), 0, UINT16_MAX};
        if ((made.protocol == Protocol::kTcp || made.protocol == Protocol::kUdp) && below(4) > 0) {
            std::tie(made.port_first, made.port_last) = std::minmax({port(), port()});
        }
        return {made};
    }

    SeededRandom random_;
};

TEST(CompiledPolicy, decides_as_asking_every_grant_in_turn_does) {
    std::size_t allowed = 0;
    std::size_t asked = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Dice dice(seed);
        auto members = dice.members();
        const CompiledPolicy policy(dice.document(), std::move(members));
        for (int count = 0; count < 100; ++count) {
            const Flow flow = dice.flow();
            const auto grant = policy.grant_of(flow);
            ASSERT_EQ(grant, naive_grant(policy, flow))
                << "seed " << seed << ": " << flow.source.to_string() << " -> "
                << flow.destination.to_string() << " " << int{flow.protocol} << ":"
                << flow.destination_port;
            allowed += grant ? 1 : 0;
            ++asked;
        }
    }
    EXPECT_GT(allowed, asked / 10) << "or it says little";
    EXPECT_LT(allowed, asked * 9 / 10);
}

TEST(CompiledPolicy, a_network_never_opens_the_members_in_it) {
    const auto document =
        parse_document(R"({"grants": [{"src": ["*"], "dst": ["0.0.0.0/0", "::/0"], "ip": ["*"]}]})"
        );
    const CompiledPolicy policy(
        document.value(),
        {{"ann", {}, {address("100.64.0.1")}}, {"birch", {}, {address("100.64.0.2")}}}
    );
    const auto ann = address("100.64.0.1");
    EXPECT_TRUE(policy.allows({.source = ann, .destination = address("8.8.8.8"), .protocol = 6}));
    EXPECT_FALSE(policy.allows({.source = ann, .destination = address("100.64.0.2"), .protocol = 6})
    );
    EXPECT_FALSE(policy.allows({.source = address("9.9.9.9"), .destination = ann, .protocol = 6}));
}

TEST(CompiledPolicy, without_grants_denies) {
    const CompiledPolicy policy({}, {{"ann", {}, {address("100.64.0.1")}}});
    EXPECT_FALSE(policy.allows(
        {.source = address("100.64.0.1"), .destination = address("100.64.0.1"), .protocol = 1}
    ));
}

}  // namespace
}  // namespace phantom::policy
