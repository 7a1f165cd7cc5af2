#pragma once

// TLS 1.3 over a socket that never blocks. It hides what is carried from who looks on the way, and is
// not trusted beyond that: the certificate is made here, nobody checks it, and WireGuard inside
// authenticates both ends. The key agreement is hybrid (X25519MLKEM768), where the other end can.
//
// Thread: a context any, a stream one. Source: RFC 8446; draft-ietf-tls-ecdhe-mlkem.

#include <memory>
#include <optional>

#include <openssl/ssl.h>

#include "base/bytes.h"
#include "base/result.h"
#include "carrier/errors.h"
#include "crypto/openssl_objects.h"

namespace phantom::carrier {

// The most that a record holds (RFC 8446 section 5.1): reads of this size leave nothing inside OpenSSL.
inline constexpr std::size_t kRecordSizeMax = 16'384;

class TlsContext {
  public:
    // With a certificate of its own, made now. kTlsSetup.
    [[nodiscard]] static Result<TlsContext> server();
    [[nodiscard]] static Result<TlsContext> client();

    [[nodiscard]] SSL_CTX* get() const { return context_.get(); }

  private:
    explicit TlsContext(SSL_CTX* context) : context_(context) {}
    std::unique_ptr<SSL_CTX, crypto::Free<SSL_CTX_free>> context_;
};

class TlsStream {
  public:
    enum class Side { kAccepts, kConnects };

    // `socket` is the caller's, and outlives this.
    [[nodiscard]] static Result<TlsStream> over(const TlsContext& context, int socket, Side side);

    // True once it is done; false: not yet. kHandshake.
    [[nodiscard]] Result<bool> shake_hands();
    // How many bytes came; 0: none for now. kClosed.
    [[nodiscard]] Result<std::size_t> read(MutableBytes out);
    // How many of them are on their way; 0: none for now. kClosed.
    [[nodiscard]] Result<std::size_t> write(ByteView bytes);
    // The last call goes on when the socket is writable, not readable.
    [[nodiscard]] bool waits_for_room() const { return waits_for_room_; }
    // "X25519MLKEM768"
    [[nodiscard]] const char* group() const { return SSL_get0_group_name(ssl_.get()); }

  private:
    explicit TlsStream(SSL* ssl) : ssl_(ssl) {}
    // False: it is no matter of waiting.
    [[nodiscard]] bool must_wait(int result);

    std::unique_ptr<SSL, crypto::Free<SSL_free>> ssl_;
    bool waits_for_room_ = false;
};

}  // namespace phantom::carrier
