// What ApiService does for people who sign in at an issuer (oidc_worker.h).

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/api_service.h"
#include "fields/fields.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr std::size_t kSecretSizeMax = 4'096;

// "link, 192.0.2.7"
std::string caller_in(const std::string& origin) {
    const std::size_t comma = origin.find(", ");
    return comma == std::string::npos ? origin : origin.substr(comma + 2);
}

// A file ends with a line.
crypto::SecretBytes without_line_end(crypto::SecretBytes secret) {
    std::size_t size = secret.text().size();
    while (size > 0 && (secret.text()[size - 1] == '\n' || secret.text()[size - 1] == '\r')) {
        --size;
    }
    secret.shorten(size);
    return secret;
}

}  // namespace

void ApiService::read_oidc() {
    const identity::StateDirectory& files = node_.files();
    if (!files.has(kOidcFile)) {
        issuer_name_.reset();
        if (oidc_ != nullptr) {
            oidc_->use(nullptr);
        }
        return;
    }
    const auto refuse = [](const std::string& why) {
        log::error("api: {}; people sign in as before", why);
    };
    const auto text = files.read(kOidcFile, kOidcFileMax);
    if (!text) {
        refuse(fmt::format("{}: {}", kOidcFile, text.error().message()));
        return;
    }
    auto settings = OidcSettings::parse(text->text());
    if (!settings) {
        refuse(settings.error());
        return;
    }
    auto client = std::make_shared<OidcWorker::Client>();
    client->settings = std::move(*settings);
    const std::string& secret_file = client->settings.secret_file;
    if (!secret_file.empty()) {
        auto secret = files.read(secret_file, kSecretSizeMax);
        if (!secret) {
            refuse(fmt::format("{}: {}", secret_file, secret.error().message()));
            return;
        }
        client->secret = without_line_end(std::move(*secret));
    }
    if (oidc_ == nullptr) {
        oidc_ = std::make_unique<OidcWorker>([this] { asked_.signal(); });
    }
    issuer_name_ = client->settings.name;
    log::info("api: people may sign in at {}", client->settings.issuer);
    oidc_->use(std::move(client));
}

bool ApiService::pass_on(api::Question& question) {
    if (!fields::text_at(question.request, "verb").starts_with("oidc.")) {
        return false;
    }
    std::vector<api::Ticket> tickets = question.tickets;
    if (oidc_ != nullptr && issuer_name_ && oidc_->take(std::move(question))) {
        return true;
    }
    std::vector<api::Answered> refused;
    refused.push_back(
        {.tickets = std::move(tickets),
         .answer = {{"problem", oidc_ == nullptr || !issuer_name_ ? "off" : "busy"}}}
    );
    server_->deliver(std::move(refused));
    return true;
}

// In the audit log before anybody hears of it.
void ApiService::take_signed_in() {
    if (oidc_ == nullptr || server_ == nullptr) {
        return;
    }
    std::vector<api::Answered> answers;
    for (OidcWorker::Done& done : oidc_->take_done()) {
        const std::string address = caller_in(done.question.origin);
        if (const json::value* person = done.answer.if_contains("person")) {
            const json::object& who = person->as_object();
            const std::string name = fields::text_at(who, "name");
            (void)ask_(
                {{"verb", "session.open"}, {"name", name}},
                fmt::format("person {} ({}), {}, openid", name, fields::text_at(who, "id"), address)
            );
        } else if (const std::string problem = fields::text_at(done.answer, "problem");
                   !problem.empty()) {
            const std::string detail = fields::text_at(done.answer, "detail");
            log::warning("api: nobody is signed in for {}: {}", address, detail);
            audit_.tell(
                {.who = "person",
                 .origin = fmt::format("openid, {}", address),
                 .what = "session.open",
                 .target = "",
                 .why = detail,
                 .outcome = "refused: " + problem}
            );
        }
        answers.push_back(
            {.tickets = std::move(done.question.tickets), .answer = std::move(done.answer)}
        );
    }
    if (!answers.empty()) {
        audit_.flush();
        server_->deliver(std::move(answers));
    }
}

}  // namespace phantom::daemon
