#pragma once

// People who sign in at an issuer (OpenID Connect): what has to be asked of it is asked by a thread of its own, one after
// the other, so that neither the API's nor the control thread waits for a server somewhere. What the issuer says of itself
// and its keys are kept for a while; a key that is not known is looked for once a minute at most.
//
// Threads: any for use(), take() and take_done(); the rest is the worker's.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "api/question_queue.h"
#include "base/random.h"
#include "courier/download.h"
#include "crypto/secret_bytes.h"
#include "daemon/oidc_settings.h"
#include "oidc/flow.h"
#include "oidc/id_token.h"
#include "oidc/provider.h"

namespace phantom::daemon {

inline constexpr std::size_t kSignInsWaitingMax = 64;
inline constexpr Duration kProviderAge = std::chrono::hours(1);
inline constexpr Duration kKeysAge = std::chrono::hours(1);
// Between two looks for a key that is not known.
inline constexpr Duration kKeysAgain = std::chrono::minutes(1);
inline constexpr std::chrono::milliseconds kIssuerConnectPatience{3'000};
inline constexpr std::chrono::milliseconds kIssuerPatience{6'000};

class OidcWorker {
  public:
    struct Client {
        OidcSettings settings;
        crypto::SecretBytes secret;  // empty: none
    };
    // What came of it: fields of the answer are "place" and "flow"; or "person"; or "problem" and "detail".
    struct Done {
        api::Question question;
        boost::json::object answer;
    };

    // `wake` is called by the thread, when something is done.
    explicit OidcWorker(std::function<void()> wake);
    ~OidcWorker();
    OidcWorker(const OidcWorker&) = delete;
    OidcWorker& operator=(const OidcWorker&) = delete;

    // Null: nobody signs in so. What is under way is forgotten.
    void use(std::shared_ptr<const Client> client);
    // "oidc.begin" and "oidc.end". False: too many wait.
    [[nodiscard]] bool take(api::Question question);
    [[nodiscard]] std::vector<Done> take_done();

  private:
    using Failure = std::pair<std::string_view, std::string>;  // code and sentence
    template <class T>
    using OrFailure = std::expected<T, Failure>;

    void run();
    void take_client(std::shared_ptr<const Client> client);
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);
    [[nodiscard]] OrFailure<boost::json::object> begin();
    [[nodiscard]] OrFailure<boost::json::object> end(const boost::json::object& request);
    [[nodiscard]] OrFailure<std::string> fetch(const courier::DownloadRequest& request) const;
    [[nodiscard]] courier::DownloadRequest request_to(const std::string& url) const;
    // Good until the next call.
    [[nodiscard]] OrFailure<const oidc::Provider*> learn_provider();
    // So that a key of this kind is there, if the issuer has one.
    [[nodiscard]] OrFailure<const oidc::KeySet*> learn_keys(
        const oidc::Provider& provider, const oidc::TokenHeader& header
    );
    [[nodiscard]] OrFailure<std::string> redeem(
        const oidc::Provider& provider, const std::string& code, const oidc::Flow& flow
    );
    [[nodiscard]] OrFailure<boost::json::object> person_of(const oidc::Claims& claims) const;

    std::function<void()> wake_;
    std::atomic<bool> stopping_{false};

    std::mutex mutex_;  // of what follows
    std::condition_variable came_;
    std::shared_ptr<const Client> next_client_;
    bool has_next_client_ = false;
    std::deque<api::Question> waiting_;
    std::vector<Done> done_;

    // The thread's.
    std::shared_ptr<const Client> client_;
    SystemRandom random_;
    oidc::Flows flows_;
    std::optional<oidc::Provider> provider_;
    Instant provider_at_;
    std::optional<oidc::KeySet> keys_;
    Instant keys_at_;

    std::thread thread_;  // last: it uses all of them
};

}  // namespace phantom::daemon
