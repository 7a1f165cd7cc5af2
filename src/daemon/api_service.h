#pragma once

// The node's API: its tokens, its certificate, the place where it listens, and the questions that come from there, which
// are answered as those of the control socket are. Thread: control; the server has one of its own (src/api).
//
// In the state directory: `api` (where it listens), `api_tokens` and `api_sessions` (hashes), `api.crt` and `api.key`.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "api/certificate.h"
#include "api/question_queue.h"
#include "api/server.h"
#include "api/token.h"
#include "daemon/api_events.h"
#include "daemon/audit_service.h"
#include "daemon/defence_service.h"
#include "daemon/mesh_node.h"
#include "daemon/node_client.h"
#include "daemon/oidc_worker.h"
#include "daemon/remedy_service.h"
#include "io/event_loop.h"
#include "metrics/trace.h"

namespace phantom::daemon {

inline constexpr std::uint16_t kApiPort = 8'443;
// Where that is taken, by another mesh of this machine, and nobody asked for it by name.
inline constexpr std::uint16_t kApiPortsTried = 16;
// Then the mesh's timers are looked at first.
inline constexpr std::size_t kQuestionsPerTurn = 64;

// "127.0.0.1:8443", "8443" (of 127.0.0.1), or "off", whose port is 0.
[[nodiscard]] std::optional<wire::SocketAddress> parse_api_place(std::string_view text);

class ApiService {
  public:
    // All outlive it.
    struct Neighbours {
        MeshNode& node;
        DefenceService& defence;
        RemedyService& remedy;
        AuditService& audit;
        io::EventLoop& loop;
    };
    // What the node says to a request of the control socket.
    // Told of each question that its asker traces.
    using Traced = std::function<void(
        const metrics::TraceParent& parent, std::string_view verb, WallTime begin, bool is_well
    )>;
    using Ask = std::function<
        boost::json::object(const boost::json::object& request, std::string_view origin)>;

    // `socket_path`: where the node's owner is served without a token.
    ApiService(const Neighbours& neighbours, std::string socket_path, Ask ask, Traced traced);
    ~ApiService();
    ApiService(const ApiService&) = delete;
    ApiService& operator=(const ApiService&) = delete;

    // `place`: as the command line has it, none for as before; kept for the next start if `keep`. The log says what
    // cannot be.
    void start(std::optional<wire::SocketAddress> place, bool keep);
    // The certificate is read again.
    void reload();
    void tick();
    void stop();

    [[nodiscard]] static bool is_verb(std::string_view verb) {
        return verb.starts_with("api-token.") || verb.starts_with("session.") ||
               verb.starts_with("sign-in.") || verb.starts_with("node.");
    }
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);
    // For `phantom status`.
    [[nodiscard]] boost::json::object describe() const;
    // Null: the API is off, or cannot be.
    [[nodiscard]] const api::Server* server() const { return server_.get(); }
    [[nodiscard]] bool is_listening() const { return listening_.has_value(); }
    [[nodiscard]] std::size_t token_count() const { return tokens_.tokens().size(); }

  private:
    [[nodiscard]] wire::SocketAddress wanted_place(
        std::optional<wire::SocketAddress> place, bool keep
    );
    void read_tokens();
    [[nodiscard]] Result<api::Certificate> take_certificate(bool anew);
    [[nodiscard]] Result<api::Certificate> read_certificate();
    [[nodiscard]] Result<api::Certificate> new_certificate();
    void listen();
    void serve();
    [[nodiscard]] boost::json::object answer_question(const api::Question& question) const;
    void report(const api::GuessReport& guess);
    void publish_tokens();
    [[nodiscard]] api::SessionTable read_sessions();
    void keep_sessions();
    // api_members.cpp: members by their keys, and other nodes as this one.
    void read_member_role();
    void publish_members();
    [[nodiscard]] boost::json::object change_members(const boost::json::object& request);
    [[nodiscard]] boost::json::object ask_node(const boost::json::object& request);
    [[nodiscard]] boost::json::object answer_of_node(const boost::json::object& request);
    // api_people.cpp: OpenID Connect.
    void read_oidc();
    void take_signed_in();
    // False: it is no such question.
    [[nodiscard]] bool pass_on(api::Question& question);

    [[nodiscard]] boost::json::object create_token(const boost::json::object& request);
    [[nodiscard]] boost::json::object list_tokens() const;
    [[nodiscard]] boost::json::object revoke_token(const boost::json::object& request);
    // On the disk, or the sentence why not; then the book is as it was.
    [[nodiscard]] std::optional<std::string> keep_tokens(const api::TokenBook& before);

    MeshNode& node_;
    DefenceService& defence_;
    AuditService& audit_;
    io::EventLoop& loop_;
    std::string socket_path_;
    Ask ask_;
    Traced traced_;
    SystemRandom random_;
    ApiEvents events_;

    wire::SocketAddress place_;
    bool is_chosen_ = false;  // by name: no other port is tried
    std::optional<wire::SocketAddress> listening_;
    std::string problem_;  // why it does not listen
    std::string certificate_problem_;
    std::string fingerprint_;
    api::TokenBook tokens_;
    std::string tokens_problem_;  // the file cannot be understood: it is left alone

    io::WakeUp asked_;
    api::QuestionQueue questions_;
    std::vector<api::Question> taken_;
    std::size_t next_taken_ = 0;
    std::unique_ptr<api::Server> server_;
    std::optional<api::Role> member_role_ = api::Role::kViewer;  // none: members need tokens
    std::optional<std::uint64_t> members_published_;             // the hash of all members
    std::unique_ptr<NodeClient> node_client_;                    // null: it was never needed
    std::optional<std::string> issuer_name_;                     // none: with tokens alone
    std::unique_ptr<OidcWorker> oidc_;                           // null: it was never needed
    Instant next_try_;
};

}  // namespace phantom::daemon
