#include "daemon/api_service.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "api/listener.h"
#include "assess/technique.h"
#include "base/hex.h"
#include "base/log.h"
#include "daemon/api_routes.h"
#include "daemon/control_server.h"
#include "daemon/uapi_socket.h"
#include "fields/fields.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr const char* kPlaceFile = "api";
constexpr const char* kCertificateFile = "api.crt";
constexpr const char* kCertificateKeyFile = "api.key";
constexpr std::size_t kPlaceTextMax = 64;
constexpr std::string_view kNowhere = "off";
constexpr const char* kSessionCookie = "__Host-phantom-";
constexpr Duration kTryAgain = std::chrono::seconds(10);

wire::Address loopback() {
    constexpr std::array<std::uint8_t, 4> kLoopback{127, 0, 0, 1};
    return wire::Address::v4(kLoopback.data());
}

wire::Address loopback_v6() {
    std::array<std::uint8_t, 16> bytes{};
    bytes.back() = 1;
    return wire::Address::v6(bytes.data());
}

ByteView bytes_in(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool is_unspecified(const wire::Address& address) {
    return std::ranges::all_of(address.bytes, [](std::uint8_t byte) { return byte == 0; });
}

// A browser sends a cookie to each port of its host: nodes of one machine need names of their own.
std::string short_id(const MeshNode& node) {
    constexpr std::size_t kSize = 4;
    return hex_of(ByteView(node.mesh().self().descriptor.node.bytes).first(kSize));
}

json::object no_answer() {
    return control_error("no_answer", "the node was busy for too long; it was not done");
}

}  // namespace

std::optional<wire::SocketAddress> parse_api_place(std::string_view text) {
    if (text == kNowhere) {
        return wire::SocketAddress{};
    }
    std::uint16_t port = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (problem == std::errc{} && end == text.data() + text.size() && port != 0) {
        return wire::SocketAddress{.address = loopback(), .port = port, .scope = 0};
    }
    const auto place = wire::SocketAddress::parse(text);
    return place && place->port != 0 ? std::optional(*place) : std::nullopt;
}

ApiService::ApiService(
    const Neighbours& neighbours, std::string socket_path, Ask ask, Traced traced
)
    : node_(neighbours.node),
      defence_(neighbours.defence),
      audit_(neighbours.audit),
      loop_(neighbours.loop),
      socket_path_(std::move(socket_path)),
      ask_(std::move(ask)),
      traced_(std::move(traced)),
      events_(neighbours.node, neighbours.defence, neighbours.remedy),
      questions_([this] { asked_.signal(); }) {}

ApiService::~ApiService() {
    stop();
    loop_.remove(asked_.fd());
}

void ApiService::stop() {
    oidc_.reset();
    node_client_.reset();
    if (server_ != nullptr) {
        server_.reset();
        keep_sessions();
        (void)unlink(socket_path_.c_str());
    }
}

// ---- The start --------------------------------------------------------------------------------------

void ApiService::start(std::optional<wire::SocketAddress> place, bool keep) {
    read_tokens();
    is_chosen_ = place.has_value() || node_.files().has(kPlaceFile);
    place_ = wanted_place(place, keep);
    if (place_.port == 0) {
        problem_ = kNowhere;
        return;
    }
    auto certificate = take_certificate(place.has_value());
    if (!certificate) {
        problem_ = certificate.error().message();
        log::error("api: {}", problem_);
        return;
    }
    api::Application application(api_routes(), PM_VERSION, fmt::format("{:x}", wall_now().ns));
    application.set_page(api::Assets(api::embedded_assets()));
    application.set_sessions(read_sessions());
    application.set_session_cookie(std::string(kSessionCookie) + short_id(node_));
    auto server = api::Server::start(*certificate, std::move(application), questions_);
    const Status added = loop_.add(asked_.fd(), [this] {
        asked_.drain();
        serve();
    });
    if (!server || !added) {
        problem_ = server ? added.error().message() : server.error().message();
        log::error("api: {}", problem_);
        return;
    }
    server_ = std::move(*server);
    publish_tokens();
    read_member_role();
    publish_members();
    read_oidc();
    if (auto owners = listen_owner_only(socket_path_)) {
        server_->open(std::move(*owners), api::Server::Kind::kLocal);
    } else {
        log::warning("api: {}: {}", socket_path_, owners.error().message());
    }
    listen();
}

wire::SocketAddress ApiService::wanted_place(std::optional<wire::SocketAddress> place, bool keep) {
    const wire::SocketAddress otherwise{.address = loopback(), .port = kApiPort, .scope = 0};
    identity::StateDirectory& files = node_.files();
    if (place) {
        const std::string text = place->port == 0 ? std::string(kNowhere) : place->to_string();
        if (keep && !files.write(kPlaceFile, bytes_in(text))) {
            log::warning("api: its place is not kept for the next start");
        }
        return *place;
    }
    if (!files.has(kPlaceFile)) {
        return otherwise;
    }
    if (const auto kept = files.read(kPlaceFile, kPlaceTextMax)) {
        if (const auto read = parse_api_place(kept->text())) {
            return *read;
        }
    }
    log::warning("'{}' of the state directory names no place for the API", kPlaceFile);
    return otherwise;
}

void ApiService::listen() {
    next_try_ = monotonic_now() + kTryAgain;
    wire::SocketAddress place = place_;
    auto listener = api::listen_at(place);
    const auto is_taken = [&] {
        return !listener && listener.error().detail() == static_cast<std::uint32_t>(EADDRINUSE);
    };
    while (!is_chosen_ && is_taken() && place.port - place_.port + 1 < kApiPortsTried) {
        ++place.port;
        listener = api::listen_at(place);
    }
    if (!listener) {
        std::string problem = fmt::format(
            "{}: {}", place_.to_string(), std::strerror(static_cast<int>(listener.error().detail()))
        );
        if (problem != problem_) {
            log::warning("api: {}; it is tried again", problem);
        }
        problem_ = std::move(problem);
        return;
    }
    problem_.clear();
    listening_ = place;
    server_->open(std::move(*listener), api::Server::Kind::kTls);
    log::info("api: https://{}", place.to_string());
    // Of loopback nobody who gets a message has anything.
    if (place.address != loopback() && place.address != loopback_v6()) {
        wire::SocketAddress called = place;
        if (is_unspecified(place.address)) {
            called.address = node_.mesh().self().descriptor.overlay_v6();
        }
        defence_.set_ack_base(fmt::format("https://{}/ack?token=", called.to_string()));
    }
}

void ApiService::tick() {
    if (server_ == nullptr) {
        return;
    }
    const Instant now = monotonic_now();
    publish_members();
    if (!listening_ && now >= next_try_) {
        listen();
    }
    std::vector<api::Event> events = events_.look(now, wall_now());
    if (!events.empty()) {
        server_->publish(std::move(events));
    }
}

// ---- The certificate --------------------------------------------------------------------------------

// `anew`: one of ours is made again, for another place.
Result<api::Certificate> ApiService::take_certificate(bool anew) {
    if (!node_.files().has(kCertificateFile) || !node_.files().has(kCertificateKeyFile)) {
        return new_certificate();
    }
    api::Certificate certificate = PM_TRY(read_certificate());
    const api::CertificateFacts facts = PM_TRY(api::inspect(certificate));
    const bool ends_soon = wall_now().ns + api::kCertificateMargin.count() >= facts.ends.ns;
    if (facts.is_own && (ends_soon || anew)) {
        return new_certificate();
    }
    if (ends_soon) {
        log::warning("api: {} ends soon, or has ended", kCertificateFile);
    }
    fingerprint_ = facts.fingerprint;
    return certificate;
}

Result<api::Certificate> ApiService::read_certificate() {
    const identity::StateDirectory& files = node_.files();
    const crypto::SecretBytes chain = PM_TRY(files.read(kCertificateFile, api::kPemSizeMax));
    crypto::SecretBytes key = PM_TRY(files.read(kCertificateKeyFile, api::kPemSizeMax));
    return api::Certificate{.chain = std::string(chain.text()), .key = std::move(key)};
}

Result<api::Certificate> ApiService::new_certificate() {
    const identity::MemberRecord& self = node_.mesh().self();
    const std::string name = self.certificate.name.text();
    api::CertificateWish wish{
        .names = {name, name + ".mesh", "localhost"}, .addresses = {"127.0.0.1", "::1"}
    };
    wish.addresses.push_back(self.descriptor.overlay_v6().to_string());
    if (!self.certificate.overlay_v4.is_none()) {
        wish.addresses.push_back(self.certificate.overlay_v4.to_string());
    }
    if (!is_unspecified(place_.address)) {
        wish.addresses.push_back(place_.address.to_string());
    }
    api::Certificate made = PM_TRY(api::make_certificate(wish, wall_now(), random_));
    // The key first: a certificate without its key is made anew at the next start.
    PM_TRY(node_.files().write(kCertificateKeyFile, made.key.view()));
    PM_TRY(node_.files().write(kCertificateFile, bytes_in(made.chain)));
    fingerprint_ = PM_TRY(api::inspect(made)).fingerprint;
    return made;
}

void ApiService::reload() {
    if (server_ == nullptr) {
        return;
    }
    read_oidc();
    const auto certificate = take_certificate(false);
    const Status taken =
        certificate ? server_->set_certificate(*certificate) : std::unexpected(certificate.error());
    if (!taken) {
        log::error("api: {}; the certificate from before stays", taken.error().message());
    }
}

// ---- Questions --------------------------------------------------------------------------------------

void ApiService::serve() {
    keep_sessions();
    take_signed_in();
    for (const api::GuessReport& guess : questions_.take_reports()) {
        report(guess);
    }
    if (next_taken_ == taken_.size()) {
        taken_ = questions_.take();
        next_taken_ = 0;
    }
    const std::size_t end = std::min(taken_.size(), next_taken_ + kQuestionsPerTurn);
    std::vector<api::Answered> answers;
    for (; next_taken_ < end; ++next_taken_) {
        api::Question& question = taken_[next_taken_];
        if (pass_on(question)) {
            continue;
        }
        // Nobody waits for it any more: what changes something is not done behind anybody's back.
        const bool is_late = monotonic_now() >= question.deadline;
        answers.push_back(
            {.tickets = std::move(question.tickets),
             .answer = is_late ? no_answer() : answer_question(question)}
        );
    }
    if (!answers.empty() && server_ != nullptr) {
        server_->deliver(std::move(answers));
    }
    if (next_taken_ < taken_.size()) {
        asked_.signal();
    }
}

json::object ApiService::answer_question(const api::Question& question) const {
    const auto parent = metrics::TraceParent::parse(question.traceparent);
    if (!parent) {
        return ask_(question.request, question.origin);
    }
    const WallTime begin = wall_now();
    const log::TraceScope scope(parent->trace.to_string());
    json::object answer = ask_(question.request, question.origin);
    traced_(*parent, fields::text_at(question.request, "verb"), begin, !answer.contains("error"));
    return answer;
}

// ATT&CK T1110: somebody tries one token after the other.
void ApiService::report(const api::GuessReport& guess) {
    const std::string text =
        fmt::format("{} has shown {} API tokens that are none", guess.address, guess.count);
    log::warning("api: {}", text);
    audit_.tell(
        {.who = "node",
         .origin = "api",
         .what = "token guessing",
         .target = guess.address,
         .why = text,
         .outcome = "made to wait"}
    );
    audit_.flush();
    const auto subject = wire::Address::parse(guess.address);
    const auto technique = assess::TechniqueId::parse("T1110");
    if (!subject || !technique) {
        return;
    }
    constexpr double kSeverity = 5;
    // By rule of thumb: ten in a row are more likely an attack than not, a hundred are one.
    const double llr = guess.count < 100 ? 5 : 8;
    const WallTime now = wall_now();
    respond::Finding finding;
    finding.rule = "api:token-guessing";
    finding.text = text;
    finding.subject = *subject;
    finding.severity = kSeverity;
    finding.evidence = {.family = assess::EvidenceFamily::kLog, .llr = llr};
    finding.technique = *technique;
    finding.first_seen = now;
    finding.at = now;
    defence_.report(finding);
}

json::object ApiService::describe() const {
    const bool serves = server_ != nullptr;
    const auto count = [&](const auto& of) { return serves ? of.load() : 0; };
    json::object out{
        {"place", nullptr},
        {"problem", problem_.empty() ? json::value(nullptr) : json::value(problem_)},
        {"fingerprint", fingerprint_},
        {"connections", 0},
        {"listeners", 0},
        {"requests", 0},
        {"tokens", tokens_.tokens().size()},
    };
    if (listening_) {
        out["place"] = listening_->to_string();
    }
    if (serves) {
        const api::Server::Counters& counters = server_->counters();
        out["connections"] = count(counters.connections);
        out["listeners"] = count(counters.listeners);
        out["requests"] = count(counters.requests);
    }
    return out;
}

}  // namespace phantom::daemon
