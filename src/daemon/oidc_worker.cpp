#include "daemon/oidc_worker.h"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pthread.h>

#include "base/hex.h"
#include "crypto/sha256.h"
#include "fields/fields.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr std::size_t kCodeSizeMax = 4'096;
constexpr std::size_t kPersonNameMax = 63;

// Who reads the audit log sees one word.
std::string person_name(const oidc::Claims& claims) {
    std::string name;
    for (const char each : claims.name.empty() ? claims.subject : claims.name) {
        const bool is_shown =
            each > ' ' && each <= '~' && each != '(' && each != ')' && each != ',';
        name += is_shown ? each : '_';
        if (name.size() == kPersonNameMax) {
            break;
        }
    }
    return name;
}

// Of issuer and subject: names change, and are given to others.
std::string person_id(const std::string& issuer, const std::string& subject) {
    const std::string both = fmt::format("{}\n{}", issuer, subject);
    const auto hash =
        crypto::sha256({{reinterpret_cast<const std::uint8_t*>(both.data()), both.size()}});
    return "p" + hex_of(hash).substr(0, 15);
}

json::object failure_of(std::string_view code, const std::string& detail) {
    return {{"problem", code}, {"detail", detail}};
}

}  // namespace

OidcWorker::OidcWorker(std::function<void()> wake)
    : wake_(std::move(wake)), thread_([this] { run(); }) {
    (void)pthread_setname_np(thread_.native_handle(), "sign-in");
}

OidcWorker::~OidcWorker() {
    stopping_.store(true);
    {
        const std::scoped_lock lock(mutex_);
        came_.notify_all();
    }
    thread_.join();
}

void OidcWorker::use(std::shared_ptr<const Client> client) {
    const std::scoped_lock lock(mutex_);
    next_client_ = std::move(client);
    has_next_client_ = true;
    came_.notify_all();
}

bool OidcWorker::take(api::Question question) {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= kSignInsWaitingMax) {
        return false;
    }
    waiting_.push_back(std::move(question));
    came_.notify_all();
    return true;
}

std::vector<OidcWorker::Done> OidcWorker::take_done() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(done_, {});
}

void OidcWorker::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_.load()) {
        if (std::exchange(has_next_client_, false)) {
            take_client(std::exchange(next_client_, nullptr));
        }
        if (waiting_.empty()) {
            came_.wait(lock, [this] {
                return stopping_.load() || has_next_client_ || !waiting_.empty();
            });
            continue;
        }
        api::Question question = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        json::object said = answer(question.request);
        lock.lock();
        done_.push_back({.question = std::move(question), .answer = std::move(said)});
        wake_();
    }
}

void OidcWorker::take_client(std::shared_ptr<const Client> client) {
    client_ = std::move(client);
    flows_ = {};
    provider_.reset();
    keys_.reset();
    keys_at_ = {};
}

json::object OidcWorker::answer(const json::object& request) {
    if (client_ == nullptr) {
        return failure_of("off", "nobody signs in at an issuer here");
    }
    auto said = fields::text_at(request, "verb") == "oidc.begin" ? begin() : end(request);
    return said ? std::move(*said) : failure_of(said.error().first, said.error().second);
}

// ---- What the issuer is asked -----------------------------------------------------------------------

courier::DownloadRequest OidcWorker::request_to(const std::string& url) const {
    courier::DownloadRequest request;
    request.url = url;
    request.ca_file = client_->settings.ca_file;
    request.size_max = oidc::kDocumentSizeMax;
    request.connect_timeout = kIssuerConnectPatience;
    request.timeout = kIssuerPatience;
    return request;
}

OidcWorker::OrFailure<std::string> OidcWorker::fetch(const courier::DownloadRequest& request
) const {
    courier::Downloaded got = courier::download(request, stopping_);
    if (got.kind != courier::Downloaded::Kind::kNew) {
        return std::unexpected(
            Failure("unreachable", fmt::format("{}: {}", request.url, got.problem))
        );
    }
    return std::move(got.body);
}

OidcWorker::OrFailure<const oidc::Provider*> OidcWorker::learn_provider() {
    const Instant now = monotonic_now();
    if (provider_ && now - provider_at_ < kProviderAge) {
        return &*provider_;
    }
    const std::string& issuer = client_->settings.issuer;
    const auto text = fetch(request_to(oidc::discovery_place(issuer)));
    if (!text) {
        return std::unexpected(text.error());
    }
    auto read = oidc::read_provider(*text, issuer);
    if (!read) {
        return std::unexpected(Failure("refused", read.error().what()));
    }
    provider_at_ = now;
    return &provider_.emplace(std::move(*read));
}

OidcWorker::OrFailure<const oidc::KeySet*> OidcWorker::learn_keys(
    const oidc::Provider& provider, const oidc::TokenHeader& header
) {
    const Instant now = monotonic_now();
    const bool is_known = keys_ && keys_->find(header.algorithm, header.key_id) != nullptr;
    const Duration age = keys_ ? now - keys_at_ : kKeysAge;
    if (keys_ && (age < kKeysAgain || (is_known && age < kKeysAge))) {
        return &*keys_;
    }
    const auto text = fetch(request_to(provider.jwks_uri));
    if (!text && keys_ && is_known) {
        return &*keys_;  // those of before are good as long as they are known
    }
    if (!text) {
        return std::unexpected(text.error());
    }
    auto read = oidc::KeySet::read(*text);
    if (!read) {
        return std::unexpected(Failure("refused", read.error().what()));
    }
    keys_at_ = now;
    return &keys_.emplace(std::move(*read));
}

OidcWorker::OrFailure<std::string> OidcWorker::redeem(
    const oidc::Provider& provider, const std::string& code, const oidc::Flow& flow
) {
    const OidcSettings& settings = client_->settings;
    courier::DownloadRequest request = request_to(provider.token_endpoint);
    request.form = fmt::format(
        "grant_type=authorization_code&code={}&redirect_uri={}&code_verifier={}",
        oidc::percent_encoded(code), oidc::percent_encoded(settings.redirect_uri()), flow.verifier
    );
    // RFC 6749 section 2.3.1: both are encoded before they are what Basic takes.
    if (client_->secret.view().empty()) {
        request.form += "&client_id=" + oidc::percent_encoded(settings.client_id);
    } else {
        request.user = oidc::percent_encoded(settings.client_id);
        request.password = oidc::percent_encoded(client_->secret.text());
    }
    const auto text = fetch(request);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(request.password.data()), request.password.size()}
    );
    if (!text) {
        return std::unexpected(text.error());
    }
    auto token = oidc::read_token_answer(*text);
    if (!token) {
        return std::unexpected(Failure("refused", token.error().what()));
    }
    return std::move(*token);
}

// ---- From and to the browser ------------------------------------------------------------------------

OidcWorker::OrFailure<json::object> OidcWorker::begin() {
    const auto provider = learn_provider();
    if (!provider) {
        return std::unexpected(provider.error());
    }
    const OidcSettings& settings = client_->settings;
    const auto begun = flows_.begin(
        (*provider)->authorization_endpoint,
        {.client_id = settings.client_id,
         .redirect_uri = settings.redirect_uri(),
         .scope = fmt::format("{}", fmt::join(settings.scopes, " "))},
        monotonic_now(), random_
    );
    if (!begun) {
        return std::unexpected(Failure("busy", begun.error().what()));
    }
    return json::object{{"place", begun->place}, {"flow", begun->cookie}};
}

OidcWorker::OrFailure<json::object> OidcWorker::end(const json::object& request) {
    const auto flow = flows_.end(
        fields::text_at(request, "state"), fields::text_at(request, "flow"), monotonic_now()
    );
    if (!flow) {
        return std::unexpected(Failure("expired", flow.error().what()));
    }
    // Section 3.1.2.6; its words are not shown, for anybody can write them.
    if (!fields::text_at(request, "error").empty()) {
        return std::unexpected(Failure("denied", "the issuer has not let this person in"));
    }
    const std::string code = fields::text_at(request, "code");
    if (code.empty() || code.size() > kCodeSizeMax) {
        return std::unexpected(Failure("refused", "the issuer has sent no code"));
    }
    const auto provider = learn_provider();
    if (!provider) {
        return std::unexpected(provider.error());
    }
    const auto token = redeem(**provider, code, *flow);
    if (!token) {
        return std::unexpected(token.error());
    }
    const auto header = oidc::read_token_header(*token);
    if (!header) {
        return std::unexpected(Failure("refused", header.error().what()));
    }
    const auto keys = learn_keys(**provider, *header);
    if (!keys) {
        return std::unexpected(keys.error());
    }
    const OidcSettings& settings = client_->settings;
    const auto claims = oidc::verify_id_token(
        *token, **keys,
        {.issuer = settings.issuer, .client_id = settings.client_id, .nonce = flow->nonce},
        settings.claim, wall_now()
    );
    if (!claims) {
        return std::unexpected(Failure("refused", claims.error().what()));
    }
    return person_of(*claims);
}

OidcWorker::OrFailure<json::object> OidcWorker::person_of(const oidc::Claims& claims) const {
    const OidcSettings& settings = client_->settings;
    const std::string name = person_name(claims);
    const auto role = settings.role_of(claims.values);
    if (!role) {
        return std::unexpected(Failure(
            "not-allowed",
            fmt::format("'roles' has no value that '{}' of {} has", settings.claim, name)
        ));
    }
    return json::object{
        {"person",
         {{"id", person_id(settings.issuer, claims.subject)},
          {"name", name},
          {"role", api::name_of(*role)}}}
    };
}

}  // namespace phantom::daemon
