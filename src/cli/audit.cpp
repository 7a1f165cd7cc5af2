// phantom audit, backup, restore. Whether the log holds is found out here, from the database itself, and not asked of
// the daemon; it only says what it remembers.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include <fmt/format.h>

#include "base/hex.h"
#include "cli/handling.h"
#include "cli/output.h"
#include "cli/show.h"
#include "identity/state_directory.h"
#include "store/audit_log.h"
#include "store/sqlite_audit.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

int refuse(std::string text) {
    return fail_with({Exit::kFailed, std::move(text), {}});
}

std::string audit_cell(const json::object& of, const char* key) {
    return printable(std::string_view(of.at(key).as_string()));
}

std::string audit_table(const json::object& body) {
    std::vector<std::vector<std::string>> rows{
        {"NUMBER", "AT", "WHO", "WHAT", "TARGET", "OUTCOME", "WHY", "FROM"}
    };
    for (const json::value& each : body.at("entries").as_array()) {
        const json::object& entry = each.as_object();
        rows.push_back(
            {std::to_string(entry.at("number").to_number<std::uint64_t>()), audit_cell(entry, "at"),
             audit_cell(entry, "who"), audit_cell(entry, "what"), audit_cell(entry, "target"),
             audit_cell(entry, "outcome"), audit_cell(entry, "why"), audit_cell(entry, "from")}
        );
    }
    return rows.size() == 1 ? "Nothing is noted in that time.\n" : show_table(rows);
}

// With what the log is checked: the node's key, and the newest entry that is known of.
struct Basis {
    crypto::VerifyKey key;
    std::optional<store::AuditStart> known;
    std::string from;
};

std::optional<crypto::Hash> hash_of_hex(std::string_view text) {
    const auto bytes = bytes_of_hex(text);
    crypto::Hash hash{};
    if (!bytes || bytes->size() != hash.size()) {
        return std::nullopt;
    }
    std::ranges::copy(*bytes, hash.begin());
    return hash;
}

// What the daemon says, or else the head that it signed last and left beside the database.
std::optional<Basis> basis_in(const json::object& head, std::string from) {
    try {
        const auto bytes =
            bytes_of_hex(std::string_view(head.at("signer").at("verify_key").as_string()));
        const auto key = crypto::VerifyKey::decode(bytes.value_or(std::vector<std::uint8_t>()));
        const auto hash = hash_of_hex(std::string_view(head.at("hash").as_string()));
        if (!key || !hash) {
            return std::nullopt;
        }
        return Basis{
            *key, store::AuditStart{head.at("sequence").to_number<std::uint64_t>(), *hash},
            std::move(from)
        };
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

std::optional<Basis> find_basis(const Places& places, const HandlingArguments& given) {
    const Answer answer = ask(places, {{"verb", "audit.head"}});
    std::optional<Basis> basis;
    if (answer.exit == Exit::kOk) {
        basis = basis_in(answer.body, "the node");
    } else {
        const std::string path = places.state_dir + "/audit.head";
        std::ifstream file(path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        boost::system::error_code error;
        const json::value head = json::parse(text, error);
        if (!error && head.is_object()) {
            basis = basis_in(head.get_object(), path);
        }
    }
    if (basis && !given.file.empty()) {
        basis->known.reset();  // a copy of before has less
    }
    return basis;
}

int tell_verdict(const store::AuditVerdict& verdict, const Basis& basis, bool as_json) {
    const bool holds = verdict.problem.empty();
    if (as_json) {
        print_json({
            {"schema", "phantom.audit_verify/1"},
            {"holds", holds},
            {"problem", verdict.problem},
            {"first", verdict.first},
            {"last", verdict.last},
            {"entries", verdict.entries},
            {"signed_up_to", verdict.signed_up_to},
            {"hash", hex_of(verdict.hash)},
        });
    } else if (holds) {
        print(fmt::format(
            "{} entries hold, {} to {}; the node signed up to {}. Its key is from {}.\n",
            verdict.entries, verdict.first, verdict.last, verdict.signed_up_to, basis.from
        ));
    } else {
        print(fmt::format("The audit log does not hold: {}.\n", verdict.problem));
    }
    return static_cast<int>(holds ? Exit::kOk : Exit::kFailed);
}

int verify_log(const Places& places, const HandlingArguments& given, bool as_json) {
    const auto basis = find_basis(places, given);
    if (!basis) {
        return refuse(
            "neither the node nor the file audit.head says with which key the log was signed; "
            "'phantom up' starts the node"
        );
    }
    const std::string path = given.file.empty() ? places.state_dir + "/phantom.db" : given.file;
    auto opened = store::Store::open_to_read(path);
    if (!opened) {
        return refuse(fmt::format("{}: {}", path, opened.error().message()));
    }
    store::SqliteAudit repository(*opened);
    const auto verdict = store::verify_audit(repository, basis->key, basis->known);
    if (!verdict) {
        return refuse(fmt::format("{}: {}", path, verdict.error().message()));
    }
    return tell_verdict(*verdict, *basis, as_json);
}

}  // namespace

int show_audit(const Places& places, const HandlingArguments& given, bool as_json) {
    if (given.verify) {
        return verify_log(places, given, as_json);
    }
    return tell(
        ask(places, {{"verb", "audit"}, {"since_s", given.since_s}, {"count", given.count}}),
        as_json, audit_table
    );
}

int back_up(const Places& places, const HandlingArguments& given, bool as_json) {
    std::error_code error;
    const std::string path = std::filesystem::absolute(given.file, error).string();
    return tell(
        ask(places, {{"verb", "backup"}, {"path", path}}), as_json,
        [](const json::object& body) {
            return fmt::format(
                "{} has {} entries of the audit log, and all incidents. Keys are not in it.\n",
                audit_cell(body, "path"), body.at("audit_entries").to_number<std::uint64_t>()
            );
        }
    );
}

int restore(const Places& places, const HandlingArguments& given, bool as_json) {
    // Locked while it is replaced, so that no node runs on it.
    const auto locked = identity::StateDirectory::open(places.state_dir);
    if (!locked) {
        return refuse(fmt::format(
            "{}: {}. 'phantom down' stops the node", places.state_dir, locked.error().message()
        ));
    }
    const std::string path = places.state_dir + "/phantom.db";
    if (const Status done = store::Store::restore(given.file, path); !done) {
        return refuse(fmt::format("{}: {}. Nothing was changed", given.file, done.error().message())
        );
    }
    if (as_json) {
        print_json({{"schema", "phantom.restore/1"}, {"path", path}});
    } else {
        print(
            fmt::format("{} is as it was in {}. 'phantom up' starts the node.\n", path, given.file)
        );
    }
    return 0;
}

}  // namespace phantom::cli
