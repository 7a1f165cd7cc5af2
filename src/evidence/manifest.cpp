#include "evidence/manifest.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/hex.h"
#include "crypto/sha256.h"

namespace phantom::evidence {

namespace {

namespace json = boost::json;

ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

json::object describe_item(const Item& item) {
    return {
        {"file", item.file},
        {"what", item.what},
        {"collector", item.collector},
        {"note", item.note},
        {"wall_ns", std::to_string(item.at.ns)},
        {"monotonic_ns", std::to_string(item.monotonic.ns)},
        {"size", item.size},
        {"sha256", hex_of(item.sha256)},
    };
}

crypto::Hash chain_of(const crypto::Hash& before, const Item& item) {
    constexpr std::string_view kItemLabel = "phantom evidence item 1";
    const std::string text = json::serialize(describe_item(item));
    return crypto::sha256({bytes_of(kItemLabel), before, bytes_of(text)});
}

json::object describe_manifest(const Manifest& manifest, std::string_view record) {
    json::array items;
    for (const Item& each : manifest.items) {
        json::object item = describe_item(each);
        item["chain"] = hex_of(each.chain);
        items.push_back(std::move(item));
    }
    return {
        {"schema", kManifestSchema},
        {"incident", manifest.incident},
        {"wall_ns", std::to_string(manifest.at.ns)},
        {"signer", {{"record", record}, {"root_key", hex_of(manifest.root.encoded())}}},
        {"items", std::move(items)},
    };
}

// What Boost.JSON and std::stoll throw becomes kBadManifest in read_manifest().
std::string text_at(const json::object& of, const char* key) {
    return std::string(of.at(key).as_string());
}

std::vector<std::uint8_t> hex_at(const json::object& of, const char* key) {
    auto bytes = bytes_of_hex(std::string_view(of.at(key).as_string()));
    return bytes ? std::move(*bytes) : throw std::invalid_argument(key);
}

crypto::Hash hash_at(const json::object& of, const char* key) {
    const auto bytes = hex_at(of, key);
    crypto::Hash hash{};
    if (bytes.size() != hash.size()) {
        throw std::invalid_argument(key);
    }
    std::ranges::copy(bytes, hash.begin());
    return hash;
}

Item read_item(const json::object& of) {
    return {
        .file = text_at(of, "file"),
        .what = text_at(of, "what"),
        .collector = text_at(of, "collector"),
        .note = text_at(of, "note"),
        .at = {std::stoll(text_at(of, "wall_ns"))},
        .monotonic = {std::stoll(text_at(of, "monotonic_ns"))},
        .size = of.at("size").to_number<std::uint64_t>(),
        .sha256 = hash_at(of, "sha256"),
        .chain = hash_at(of, "chain"),
    };
}

Result<Manifest> read_json(std::string_view text) {
    try {
        const json::value value = json::parse(text);
        const json::object& of = value.as_object();
        if (text_at(of, "schema") != kManifestSchema ||
            of.at("items").as_array().size() > kItemsMax) {
            return fail(EvidenceError::kBadManifest);
        }
        Manifest manifest;
        manifest.incident = of.at("incident").to_number<std::uint64_t>();
        manifest.at = {std::stoll(text_at(of, "wall_ns"))};
        const json::object& signer = of.at("signer").as_object();
        manifest.root = PM_TRY(crypto::VerifyKey::decode(hex_at(signer, "root_key")));
        manifest.signer = PM_TRY(identity::MemberRecord::decode(hex_at(signer, "record")));
        for (const json::value& each : of.at("items").as_array()) {
            manifest.items.push_back(read_item(each.as_object()));
        }
        return manifest;
    } catch (const std::exception&) {
        return fail(EvidenceError::kBadManifest);
    }
}

}  // namespace

Status append(std::vector<Item>& items, Item item) {
    if (items.size() == kItemsMax) {
        return fail(EvidenceError::kTooMuch);
    }
    item.chain = chain_of(items.empty() ? crypto::Hash{} : items.back().chain, item);
    items.push_back(std::move(item));
    return {};
}

Result<std::string> write_manifest(const Manifest& manifest, const crypto::SigningKey& key) {
    const auto record = PM_TRY(manifest.signer.encode());
    const std::string text = json::serialize(describe_manifest(manifest, hex_of(record)));
    const crypto::Signature signature = key.sign(kEvidenceLabel, bytes_of(text));
    return fmt::format("{}\n{}\n", text, hex_of(signature.encoded()));
}

Result<SignedManifest> read_manifest(std::string_view text) {
    const std::size_t end = text.find('\n');
    if (text.size() > kManifestSizeMax || end == std::string_view::npos || text.back() != '\n' ||
        end + 1 >= text.size()) {
        return fail(EvidenceError::kBadManifest);
    }
    const auto signature = bytes_of_hex(text.substr(end + 1, text.size() - end - 2));
    if (!signature) {
        return fail(EvidenceError::kBadManifest);
    }
    SignedManifest read;
    read.manifest = PM_TRY(read_json(text.substr(0, end)));
    read.json = text.substr(0, end);
    read.signature = PM_TRY(crypto::Signature::decode(*signature));
    // Written in another way it would say the same, and not be what was signed.
    const auto record = PM_TRY(read.manifest.signer.encode());
    if (json::serialize(describe_manifest(read.manifest, hex_of(record))) != read.json) {
        return fail(EvidenceError::kBadManifest);
    }
    return read;
}

std::string problem_of(const SignedManifest& read) {
    const Manifest& manifest = read.manifest;
    if (!crypto::verify(
            manifest.signer.descriptor.keys.verify, kEvidenceLabel, bytes_of(read.json),
            read.signature
        )) {
        return "the list is not what the node signed";
    }
    const auto known = manifest.signer.verify(
        manifest.root, identity::UnixTime::of(manifest.at), identity::RevocationList()
    );
    if (!known) {
        return std::string("the signer was no member of its mesh then: ") + known.error().what();
    }
    crypto::Hash before{};
    for (const Item& each : manifest.items) {
        if (chain_of(before, each) != each.chain) {
            return each.file + ": the chain is broken here";
        }
        before = each.chain;
    }
    return "";
}

}  // namespace phantom::evidence
