#include "api/sessions.h"

#include <algorithm>
#include <optional>

#include <boost/json.hpp>

#include "base/base64url.h"
#include "base/hex.h"
#include "crypto/sha256.h"

namespace phantom::api {

namespace {

namespace json = boost::json;

constexpr std::size_t kCookieSize = 32;
constexpr std::int64_t kSessionFileVersion = 1;
constexpr std::size_t kSessionIdSize = 8;

TokenHash hash_of_cookie(ByteView bytes) {
    const crypto::Hash hash = crypto::sha256({bytes});
    TokenHash out{};
    std::ranges::copy(hash, out.begin());
    return out;
}

// A page that is loaded again has the same; who has read the file of sessions has it not.
std::string word_of_cookie(ByteView bytes) {
    constexpr std::string_view kPurpose = "phantommesh api csrf 1";
    const ByteView purpose(reinterpret_cast<const std::uint8_t*>(kPurpose.data()), kPurpose.size());
    return to_base64url(crypto::sha256({purpose, bytes}));
}

json::object record_of_session(const TokenHash& hash, const Session& session) {
    return {
        {"hash", hex_of(hash)},           {"who", session.who.id},
        {"name", session.who.name},       {"role", name_of(session.who.role)},
        {"is_token", session.is_token},   {"address", session.address},
        {"opened_ns", session.opened.ns}, {"ends_ns", session.ends.ns},
    };
}

// Throws what Boost throws where a field is missing or of another kind.
Result<Session> session_in(const json::object& record, Instant now, WallTime wall) {
    Session session;
    session.who.id = record.at("who").as_string();
    session.who.name = record.at("name").as_string();
    session.who.role = PM_TRY(role_of(record.at("role").as_string()));
    session.is_token = record.at("is_token").as_bool();
    session.address = record.at("address").as_string();
    session.opened.ns = record.at("opened_ns").as_int64();
    session.ends.ns = record.at("ends_ns").as_int64();
    session.used = now;
    session.used_at = wall;
    // No clock that was set back, and no hand, makes one last longer.
    session.ends = std::min(session.ends, {wall.ns + kSessionLifetime.count()});
    return session;
}

}  // namespace

bool SessionTable::is_over(const Session& session, Instant now, WallTime wall) {
    return wall >= session.ends || now - session.used > kSessionIdle;
}

// Those that are over, then who was silent for longest.
void SessionTable::make_room(const std::string& token_id, Instant now, WallTime wall) {
    std::erase_if(sessions_, [&](const auto& each) { return is_over(each.second, now, wall); });
    const auto drop_oldest = [&](auto counts) {
        auto oldest = sessions_.end();
        for (auto each = sessions_.begin(); each != sessions_.end(); ++each) {
            if (counts(each->second) &&
                (oldest == sessions_.end() || each->second.used < oldest->second.used)) {
                oldest = each;
            }
        }
        if (oldest != sessions_.end()) {
            sessions_.erase(oldest);
        }
    };
    const auto is_of_one = [&](const Session& session) { return session.who.id == token_id; };
    const auto of_one =
        std::ranges::count_if(sessions_, [&](const auto& each) { return is_of_one(each.second); });
    if (static_cast<std::size_t>(of_one) >= kSessionsOfOneMax) {
        drop_oldest(is_of_one);
    }
    if (sessions_.size() >= kSessionsMax) {
        drop_oldest([](const Session& /*session*/) { return true; });
    }
}

SessionTable::Opened SessionTable::open(
    const Token& who, bool is_token, const std::string& address, Instant now, WallTime wall,
    Random& random
) {
    make_room(who.id, now, wall);
    std::array<std::uint8_t, kCookieSize> bytes{};
    random.fill(bytes);
    const TokenHash hash = hash_of_cookie(bytes);
    Session& session = sessions_[hash];
    session = {
        .id = hex_of(hash).substr(0, kSessionIdSize),
        .csrf = word_of_cookie(bytes),
        .who = who,
        .is_token = is_token,
        .address = address,
        .opened = wall,
        .ends = {wall.ns + kSessionLifetime.count()},
        .used = now,
        .used_at = wall,
    };
    if (who.expires.ns != 0) {
        session.ends = std::min(session.ends, who.expires);
    }
    std::string cookie = to_base64url(bytes);
    crypto::wipe(bytes);
    return {.cookie = std::move(cookie), .session = session};
}

const Session* SessionTable::use(std::string_view cookie, Instant now, WallTime wall) {
    auto bytes = from_base64url(cookie);
    if (!bytes || bytes->size() != kCookieSize) {
        return nullptr;
    }
    const auto found = sessions_.find(hash_of_cookie(*bytes));
    std::string word = word_of_cookie(*bytes);
    crypto::wipe(*bytes);
    if (found == sessions_.end()) {
        return nullptr;
    }
    Session& session = found->second;
    if (is_over(session, now, wall)) {
        sessions_.erase(found);
        return nullptr;
    }
    session.csrf = std::move(word);
    session.used = now;
    session.used_at = wall;
    return &session;
}

const Session* SessionTable::find(std::string_view id, Instant now, WallTime wall) const {
    const auto found =
        std::ranges::find_if(sessions_, [&](const auto& each) { return each.second.id == id; });
    return found == sessions_.end() || is_over(found->second, now, wall) ? nullptr : &found->second;
}

bool SessionTable::close(std::string_view id) {
    return std::erase_if(sessions_, [&](const auto& each) { return each.second.id == id; }) > 0;
}

std::string SessionTable::write() const {
    json::array records;
    for (const auto& [hash, session] : sessions_) {
        records.push_back(record_of_session(hash, session));
    }
    return json::serialize(
        json::object{{"version", kSessionFileVersion}, {"sessions", std::move(records)}}
    );
}

Result<SessionTable> SessionTable::read(std::string_view text, Instant now, WallTime wall) {
    SessionTable table;
    try {
        const json::value file = json::parse({text.data(), text.size()});
        if (file.at("version").as_int64() != kSessionFileVersion) {
            return fail(ApiError::kSessionsUnreadable);
        }
        for (const json::value& each : file.at("sessions").as_array()) {
            const json::object& record = each.as_object();
            const auto bytes = bytes_of_hex(record.at("hash").as_string());
            TokenHash hash{};
            if (!bytes || bytes->size() != hash.size() || table.sessions_.size() >= kSessionsMax) {
                return fail(ApiError::kSessionsUnreadable);
            }
            std::ranges::copy(*bytes, hash.begin());
            Session session = PM_TRY(session_in(record, now, wall));
            session.id = hex_of(hash).substr(0, kSessionIdSize);
            table.sessions_.insert_or_assign(hash, std::move(session));
        }
    } catch (const std::exception&) {
        return fail(ApiError::kSessionsUnreadable);
    }
    return table;
}

std::vector<const Session*> SessionTable::all(Instant now, WallTime wall) const {
    std::vector<const Session*> all;
    for (const auto& [hash, session] : sessions_) {
        if (!is_over(session, now, wall)) {
            all.push_back(&session);
        }
    }
    std::ranges::sort(all, {}, [](const Session* each) { return std::string_view(each->id); });
    return all;
}

}  // namespace phantom::api
