#include "api/server.h"

#include <filesystem>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/application_fixture.h"
#include "api/listener.h"
#include "api/member_certificate.h"
#include "crypto/ed25519.h"
#include "io/event_loop.h"
#include "io/udp_address.h"

namespace phantom::api {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

// A server, and a thread that is the node: it says to each question what it was asked.
class ServerTest : public ::testing::Test {
  protected:
    ServerTest() : questions_([this] { wake_.signal(); }) {
        folder_ = std::filesystem::temp_directory_path() /
                  ("api_server_test." + std::to_string(getpid()));
        std::filesystem::create_directory(folder_);
        SeededRandom random(1);
        auto certificate = make_certificate(
            {.names = {"localhost"}, .addresses = {"127.0.0.1"}}, wall_now(), random
        );
        auto started = Server::start(*certificate, fixture_application(), questions_);
        EXPECT_TRUE(started.has_value());
        server_ = std::move(*started);
        open_local();
        auto tcp = listen_at(*wire::SocketAddress::parse("127.0.0.1:0"));
        EXPECT_TRUE(tcp.has_value());
        sockaddr_storage bound{};
        socklen_t size = sizeof bound;
        EXPECT_EQ(getsockname(tcp->get(), reinterpret_cast<sockaddr*>(&bound), &size), 0);
        place_ = io::from_sockaddr(bound);
        server_->open(std::move(*tcp), Server::Kind::kTls);
        node_ = std::thread([this] { answer_all(); });
    }
    ~ServerTest() override {
        is_over_ = true;
        wake_.signal();
        node_.join();
        server_.reset();
        std::filesystem::remove_all(folder_);
    }
    ServerTest(const ServerTest&) = delete;
    ServerTest& operator=(const ServerTest&) = delete;

    void open_local() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_ = (folder_ / "api.sock").string();
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        io::Fd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        EXPECT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(listen(listener.get(), 16), 0);
        server_->open(std::move(listener), Server::Kind::kLocal);
    }

    void answer_all() {
        while (!is_over_) {
            pollfd_wait();
            std::vector<Answered> answers;
            for (Question& each : questions_.take()) {
                ++asked_;
                json::object answer = each.request;
                answer["number"] = 1;
                answers.push_back({std::move(each.tickets), std::move(answer)});
            }
            if (is_silent_ || answers.empty()) {
                continue;
            }
            server_->deliver(std::move(answers));
        }
    }
    void pollfd_wait() {
        auto loop = io::EventLoop::create();
        (void)loop->add(wake_.fd(), [this] { wake_.drain(); });
        (void)loop->run_once(50ms);
    }

    [[nodiscard]] io::Fd connect_local() const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        io::Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        const timeval patience{.tv_sec = 20, .tv_usec = 0};
        (void)setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        return fd;
    }
    static void say(const io::Fd& fd, const std::string& text) {
        EXPECT_EQ(
            send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size())
        );
    }
    // Until `end` has come, or nothing comes any more.
    static std::string read_until(const io::Fd& fd, const std::string& end) {
        std::string said;
        std::array<char, 4'096> piece{};
        while (said.find(end) == std::string::npos || end.empty()) {
            const ssize_t count = recv(fd.get(), piece.data(), piece.size(), 0);
            if (count <= 0) {
                break;
            }
            said.append(piece.data(), static_cast<std::size_t>(count));
        }
        return said;
    }
    static std::string get(const char* target, const char* more = "") {
        return std::string("GET ") + target + " HTTP/1.1\r\nHost: node\r\n" + more + "\r\n";
    }

    io::WakeUp wake_;
    QuestionQueue questions_;
    std::unique_ptr<Server> server_;
    wire::SocketAddress place_;
    std::filesystem::path folder_;
    std::string path_;
    std::atomic<bool> is_over_{false};
    std::atomic<bool> is_silent_{false};
    std::atomic<int> asked_{0};
    std::thread node_;
};

TEST_F(ServerTest, asks_the_node_and_keeps_the_connection) {
    const io::Fd client = connect_local();
    for (int round = 0; round < 3; ++round) {
        say(client, get("/api/v1/things/7"));
        const std::string said = read_until(client, R"("number":1})");
        EXPECT_TRUE(said.starts_with("HTTP/1.1 200 OK\r\n")) << said;
        EXPECT_NE(said.find(R"({"verb":"thing","number":1})"), std::string::npos) << said;
    }
    EXPECT_EQ(server_->counters().accepted.load(), 1U);
    EXPECT_EQ(server_->counters().requests.load(), 3U);
}

TEST_F(ServerTest, pipelined_requests_are_answered_in_turn) {
    const io::Fd client = connect_local();
    std::string all;
    for (int index = 0; index < 50; ++index) {
        all += get("/api/v1/things/7");
    }
    say(client, all + get("/api/v1/nothing", "Connection: close\r\n"));
    const std::string said = read_until(client, "");
    std::size_t count = 0;
    for (std::size_t at = said.find("200 OK"); at != std::string::npos;
         at = said.find("200 OK", at + 1)) {
        ++count;
    }
    EXPECT_EQ(count, 50U);
    EXPECT_NE(said.find("404 Not Found", said.rfind("200 OK")), std::string::npos);
}

TEST_F(ServerTest, what_cannot_be_read_ends_the_connection) {
    const io::Fd client = connect_local();
    say(client, "BREW\r\n\r\n" + get("/api/v1/things/7"));
    const std::string said = read_until(client, "");
    EXPECT_TRUE(said.starts_with("HTTP/1.1 400 Bad Request\r\n")) << said;
    EXPECT_EQ(said.find("200 OK"), std::string::npos);
}

TEST_F(ServerTest, a_body_is_asked_for_where_somebody_waits_to_be_asked) {
    const io::Fd client = connect_local();
    say(client,
        "POST /api/v1/things HTTP/1.1\r\nHost: node\r\nContent-Type: application/json\r\n"
        "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n");
    EXPECT_EQ(read_until(client, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    say(client, R"({"name":"a"})");
    EXPECT_TRUE(read_until(client, "\"number\"").starts_with("HTTP/1.1 201 Created\r\n"));
}

TEST_F(ServerTest, who_listens_hears_and_is_let_go_at_the_end) {
    const io::Fd client = connect_local();
    say(client, get("/api/v1/events"));
    EXPECT_NE(read_until(client, ": listening").find("text/event-stream"), std::string::npos);
    server_->publish({{.type = "thing.made", .data = R"({"number":1})"}});
    const std::string said = read_until(client, "\"number\":1}");
    EXPECT_NE(
        said.find("event: thing.made\ndata: {\"id\":\"epoch-1\",\"number\":1}"), std::string::npos
    ) << said;
    EXPECT_EQ(server_->counters().listeners.load(), 1U);
    server_->publish(std::vector<Event>(2 * kEventBatchMax, {.type = "x", .data = "{}"}));
    server_->publish({{.type = "last", .data = "{}"}});
    EXPECT_NE(read_until(client, "event: last").size(), 0U);
}

TEST_F(ServerTest, a_node_that_does_not_answer_is_told_of_and_harms_nobody_else) {
    is_silent_ = true;
    const io::Fd client = connect_local();
    say(client, get("/api/v1/things/7"));
    const io::Fd other = connect_local();
    say(other, get("/api/v1/openapi.json"));
    EXPECT_TRUE(read_until(other, "openapi").starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(read_until(client, "no-answer").starts_with("HTTP/1.1 504 Gateway Timeout\r\n"));
    EXPECT_EQ(server_->counters().late.load(), 1U);
    is_silent_ = false;
    say(client, get("/api/v1/things/8"));
    EXPECT_TRUE(read_until(client, "\"number\"").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ServerTest, strangers_come_over_tls_with_a_post_quantum_key_agreement) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* stream = SSL_new(context);
    sockaddr_storage address{};
    const socklen_t size = io::to_sockaddr(place_, address);
    const io::Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(SSL_set_fd(stream, fd.get()), 1);
    ASSERT_EQ(SSL_connect(stream), 1);
    EXPECT_STREQ(SSL_get_version(stream), "TLSv1.3");
    EXPECT_STREQ(SSL_get0_group_name(stream), "X25519MLKEM768");
    const std::string request = get("/api/v1/things/7", "Connection: close\r\n");
    ASSERT_GT(SSL_write(stream, request.data(), static_cast<int>(request.size())), 0);
    std::string said(4'096, '\0');
    const int count = SSL_read(stream, said.data(), static_cast<int>(said.size()));
    ASSERT_GT(count, 0);
    said.resize(static_cast<std::size_t>(count));
    EXPECT_TRUE(said.starts_with("HTTP/1.1 401 Unauthorized\r\n")) << said;
    SSL_free(stream);
    SSL_CTX_free(context);
}

// ---- Members ----------------------------------------------------------------------------------------

constexpr std::array<std::uint8_t, kMemberKeySize> kMemberSeed{1, 2, 3};

MemberKey public_key_of(std::span<const std::uint8_t, kMemberKeySize> seed) {
    MemberKey key{};
    crypto::Ed25519Key(seed).copy_public_key(key);
    return key;
}

std::shared_ptr<const MemberTable> members_with(const MemberKey& key, Role role) {
    Token token;
    token.id = "m0";
    token.name = "birch";
    token.role = role;
    return std::make_shared<const MemberTable>(MemberTable::Members{{key, token}});
}

// Who shows a certificate over TLS, or none.
class TlsClient {
  public:
    TlsClient(const wire::SocketAddress& place, TlsContext context)
        : context_(std::move(context)), stream_(SSL_new(context_.get())) {
        sockaddr_storage address{};
        const socklen_t size = io::to_sockaddr(place, address);
        fd_ = io::Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
        const timeval patience{.tv_sec = 20, .tv_usec = 0};
        (void)setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        EXPECT_EQ(SSL_set_fd(stream_, fd_.get()), 1);
        EXPECT_EQ(SSL_connect(stream_), 1);
    }
    ~TlsClient() { SSL_free(stream_); }
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;

    // Until `end` has come, or the connection's.
    std::string ask(const std::string& request, const std::string& end) {
        EXPECT_GT(SSL_write(stream_, request.data(), static_cast<int>(request.size())), 0);
        return read(end);
    }
    std::string read(const std::string& end) {
        std::string said;
        std::array<char, 4'096> part{};
        while (end.empty() || said.find(end) == std::string::npos) {
            const int count = SSL_read(stream_, part.data(), static_cast<int>(part.size()));
            if (count <= 0) {
                break;
            }
            said.append(part.data(), static_cast<std::size_t>(count));
        }
        return said;
    }

  private:
    TlsContext context_;
    SSL* stream_;
    io::Fd fd_;
};

TEST_F(ServerTest, a_member_needs_no_token_and_may_what_its_role_may) {
    server_->set_members(members_with(public_key_of(kMemberSeed), Role::kViewer));
    TlsClient client(place_, *make_member_context(kMemberSeed, wall_now()));
    const std::string said = client.ask(get("/api/v1/things/7"), "\"number\":1}");
    EXPECT_TRUE(said.starts_with("HTTP/1.1 200 OK\r\n")) << said;
    const std::string change =
        "POST /api/v1/things/7/undo HTTP/1.1\r\nHost: node\r\nContent-Length: 0\r\n\r\n";
    EXPECT_NE(client.ask(change, "status").find("403 Forbidden"), std::string::npos);
    const std::string foreign = get("/api/v1/things/7", "Origin: https://evil.example\r\n");
    EXPECT_NE(client.ask(foreign, "foreign-page").find("403 Forbidden"), std::string::npos);
}

TEST_F(ServerTest, a_key_of_nobody_and_a_certificate_of_another_kind_are_strangers) {
    server_->set_members(members_with(public_key_of(kMemberSeed), Role::kViewer));
    constexpr std::array<std::uint8_t, kMemberKeySize> kOther{4, 5, 6};
    TlsClient stranger(place_, *make_member_context(kOther, wall_now()));
    const std::string said = stranger.ask(get("/api/v1/things/7"), "status");
    EXPECT_TRUE(said.starts_with("HTTP/1.1 401 Unauthorized\r\n")) << said;
    EXPECT_NE(said.find("no current member"), std::string::npos);
    // P-256, signed by itself, as servers have it.
    SeededRandom random(2);
    const auto other = make_certificate({.names = {"birch"}, .addresses = {}}, wall_now(), random);
    TlsContext context(SSL_CTX_new(TLS_client_method()));
    BIO* from = BIO_new_mem_buf(other->chain.data(), static_cast<int>(other->chain.size()));
    X509* certificate = PEM_read_bio_X509(from, nullptr, nullptr, nullptr);
    BIO* key_from =
        BIO_new_mem_buf(other->key.text().data(), static_cast<int>(other->key.text().size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_from, nullptr, nullptr, nullptr);
    ASSERT_EQ(SSL_CTX_use_certificate(context.get(), certificate), 1);
    ASSERT_EQ(SSL_CTX_use_PrivateKey(context.get(), key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(from);
    BIO_free(key_from);
    TlsClient client(place_, std::move(context));
    EXPECT_TRUE(client.ask(get("/api/v1/things/7"), "status").starts_with("HTTP/1.1 401 "));
}

TEST_F(ServerTest, who_is_put_out_loses_connection_and_stream_at_once) {
    const auto members = members_with(public_key_of(kMemberSeed), Role::kViewer);
    server_->set_members(members);
    TlsClient client(place_, *make_member_context(kMemberSeed, wall_now()));
    TlsClient listener(place_, *make_member_context(kMemberSeed, wall_now()));
    EXPECT_NE(listener.ask(get("/api/v1/events"), ": listening").find("200 OK"), std::string::npos);
    EXPECT_NE(
        client.ask(get("/api/v1/things/7"), "\"number\":1}").find("200 OK"), std::string::npos
    );
    server_->set_members(members);
    EXPECT_NE(
        client.ask(get("/api/v1/things/7"), "\"number\":1}").find("200 OK"), std::string::npos
    ) << "nothing has changed for it";
    server_->set_members(std::make_shared<const MemberTable>());
    EXPECT_EQ(client.read(""), "") << "the connection ends by itself";
    EXPECT_EQ(listener.read("event:").find("event:"), std::string::npos);
    TlsClient again(place_, *make_member_context(kMemberSeed, wall_now()));
    EXPECT_TRUE(again.ask(get("/api/v1/things/7"), "status").starts_with("HTTP/1.1 401 "));
}

TEST_F(ServerTest, a_crowd_that_says_nothing_gives_way_to_who_speaks) {
    std::vector<io::Fd> crowd;
    for (std::size_t index = 0; index < kConnectionsOfOneMax + 20; ++index) {
        crowd.push_back(connect_local());
    }
    const io::Fd client = connect_local();
    say(client, get("/api/v1/things/7"));
    EXPECT_TRUE(read_until(client, "\"number\"").starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_LE(server_->counters().connections.load(), kConnectionsOfOneMax);
}

}  // namespace
}  // namespace phantom::api
