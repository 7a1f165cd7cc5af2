#include "api/session.h"

#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "api/beast_request.h"
#include "api/member_certificate.h"

namespace phantom::api {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using boost::system::error_code;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using LocalStream = beast::basic_stream<asio::local::stream_protocol>;

constexpr bool is_tls(const TlsStream* /*stream*/) {
    return true;
}
constexpr bool is_tls(const LocalStream* /*stream*/) {
    return false;
}

// A chunk of a body whose size is not known before (RFC 9112 section 7.1).
std::string as_chunk(std::string_view text) {
    return fmt::format("{:x}\r\n{}\r\n", text.size(), text);
}

template <class Stream>
class StreamSession final : public Connection,
                            public std::enable_shared_from_this<StreamSession<Stream>> {
  public:
    StreamSession(Hub& hub, Stream stream) : hub_(hub), stream_(std::move(stream)) {}

    void begin() {
        if constexpr (is_tls(static_cast<Stream*>(nullptr))) {
            lowest().expires_after(kHandshakePatience);
            stream_.async_handshake(
                asio::ssl::stream_base::server,
                [self = this->shared_from_this()](const error_code& error) {
                    if (error) {
                        self->end();
                        return;
                    }
                    self->caller.member = member_key_of(self->stream_.native_handle());
                    self->next();
                }
            );
        } else {
            next();
        }
    }

    void respond(Response response, bool is_head) override {
        is_busy = false;
        closes_ = closes_ || response.closes;
        out_ = write_head(response, hub_.date(), !closes_);
        if (response.body != nullptr && !is_head) {
            out_ += *response.body;
        }
        write([self = this->shared_from_this()] {
            self->closes_ ? self->say_goodbye() : self->next();
        });
    }

    void listen(Response head, std::string begin) override {
        is_busy = false;
        is_listening_ = true;
        out_ = write_head(head, hub_.date(), !closes_);
        // write_head() has said that there is nothing behind it.
        const std::string_view nothing = "Content-Length: 0\r\n";
        out_.replace(
            out_.find(nothing), nothing.size(),
            "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nX-Accel-Buffering: "
            "no\r\n"
        );
        out_ += as_chunk(begin);
        lowest().expires_never();
        watch_for_end();
        write([self = this->shared_from_this()] { self->hub_.more(self); });
    }

    void tell(std::string text) override {
        out_ = as_chunk(text);
        write([self = this->shared_from_this()] { self->hub_.more(self); });
    }

    void close() override {
        is_closed_ = true;
        lowest().close();
    }

  private:
    auto& lowest() { return beast::get_lowest_layer(stream_); }

    void end() {
        close();
        hub_.remove(this);
    }

    // The next request: what has come already, or waits for its first byte.
    void next() {
        if (is_closed_) {
            end();
            return;
        }
        parser_ = std::make_unique<RequestParser>();
        set_bounds(*parser_);
        if (buffer_.size() > 0) {
            read_header();
            return;
        }
        lowest().expires_after(kIdlePatience);
        stream_.async_read_some(
            buffer_.prepare(kReadSize),
            [self = this->shared_from_this()](const error_code& error, std::size_t count) {
                self->buffer_.commit(count);
                error ? self->end() : self->read_header();
            }
        );
    }

    void read_header() {
        lowest().expires_after(kHeaderPatience);
        http::async_read_header(
            stream_, buffer_, *parser_,
            [self = this->shared_from_this()](const error_code& error, std::size_t /*count*/) {
                self->take_header(error);
            }
        );
    }

    void take_header(const error_code& error) {
        if (error) {
            fail_with(error);
            return;
        }
        if (auto wrong = problem_of(*parser_)) {
            refuse(*wrong);
            return;
        }
        if (parser_->is_done()) {
            take_request();
            return;
        }
        lowest().expires_after(kBodyPatience);
        if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
            out_ = "HTTP/1.1 100 Continue\r\n\r\n";
            write([self = this->shared_from_this()] { self->read_body(); });
            return;
        }
        read_body();
    }

    void read_body() {
        lowest().expires_after(kBodyPatience);
        http::async_read(
            stream_, buffer_, *parser_,
            [self = this->shared_from_this()](const error_code& error, std::size_t /*count*/) {
                error ? self->fail_with(error) : self->take_request();
            }
        );
    }

    void take_request() {
        lowest().expires_never();
        is_busy = true;
        closes_ = !parser_->get().keep_alive();
        const Request request = request_of(*parser_, caller);
        hub_.take(this->shared_from_this(), request);
    }

    // What cannot be read ends the connection: where the next request would begin is not known.
    void fail_with(const error_code& error) {
        if (error == beast::error::timeout) {
            // The stream is closed already: there is nobody to tell.
            end();
            return;
        }
        if (error == http::error::end_of_stream) {
            say_goodbye();
            return;
        }
        if (error.category() != http::make_error_code(http::error::bad_method).category()) {
            end();
            return;
        }
        refuse(problem_of(error));
    }

    void refuse(const Problem& problem) {
        Response response = response_of(problem);
        response.closes = true;
        respond(std::move(response), false);
    }

    template <class Then>
    void write(const Then& then) {
        if (is_closed_) {
            hub_.remove(this);
            return;
        }
        lowest().expires_after(kWritePatience);
        asio::async_write(
            stream_, asio::buffer(out_),
            [self = this->shared_from_this(),
             then](const error_code& error, std::size_t /*count*/) { error ? self->end() : then(); }
        );
    }

    // A listener says nothing more; whatever comes is its end.
    void watch_for_end() {
        stream_.async_read_some(
            buffer_.prepare(kReadSize),
            [self = this->shared_from_this()](const error_code& /*error*/, std::size_t /*count*/) {
                self->end();
            }
        );
    }

    void say_goodbye() {
        if constexpr (is_tls(static_cast<Stream*>(nullptr))) {
            lowest().expires_after(kGoodbyePatience);
            stream_.async_shutdown([self = this->shared_from_this()](const error_code& /*error*/) {
                self->end();
            });
        } else {
            end();
        }
    }

    static constexpr std::size_t kReadSize = 4'096;
    // A header and what of the next request came with it.
    static constexpr std::size_t kReadBufferMax = std::size_t{2} * kHeaderSizeMax;

    Hub& hub_;
    Stream stream_;
    beast::flat_buffer buffer_{kReadBufferMax};
    std::unique_ptr<RequestParser> parser_;
    std::string out_;
    bool closes_ = false;
    bool is_listening_ = false;
    bool is_closed_ = false;
};

template <class Stream>
void begin(Hub& hub, Stream stream, Caller caller) {
    const auto session = std::make_shared<StreamSession<Stream>>(hub, std::move(stream));
    session->caller = std::move(caller);
    session->since = monotonic_now();
    if (hub.add(session)) {
        session->begin();
    }
}

}  // namespace

void begin_tls_session(
    asio::io_context& io, Hub& hub, int socket, asio::ssl::context& tls, Caller caller, bool is_v6
) {
    asio::ip::tcp::socket made(io);
    error_code error;
    made.assign(is_v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), socket, error);
    if (error) {
        ::close(socket);
        return;
    }
    begin(hub, TlsStream(beast::tcp_stream(std::move(made)), tls), std::move(caller));
}

void begin_local_session(asio::io_context& io, Hub& hub, int socket, Caller caller) {
    asio::local::stream_protocol::socket made(io);
    error_code error;
    made.assign(asio::local::stream_protocol(), socket, error);
    if (error) {
        ::close(socket);
        return;
    }
    begin(hub, LocalStream(std::move(made)), std::move(caller));
}

}  // namespace phantom::api
