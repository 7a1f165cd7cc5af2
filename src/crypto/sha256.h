#pragma once

// SHA-256 (FIPS 180-4), for transcripts beside HKDF-SHA-256. WireGuard's own hash is in noise.h.

#include <initializer_list>
#include <memory>

#include "base/bytes.h"
#include "crypto/noise.h"

namespace phantom::crypto {

// Of the parts one after another: where they are cut is not hashed, so give parts of fixed size.
[[nodiscard]] Hash sha256(std::initializer_list<ByteView> parts);

// The same of what comes piece by piece.
class Sha256 {
  public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    ~Sha256();

    void add(ByteView part);
    // Once; nothing is added after it.
    [[nodiscard]] Hash finish();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace phantom::crypto
