#pragma once

// Secrets whose size is known only at run time: files, texts. Wiped when they go.

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "crypto/secret.h"

namespace phantom::crypto {

// Never grows, because growing would leave the old memory behind unwiped. Moved, not copied.
class SecretBytes {
  public:
    SecretBytes() = default;
    explicit SecretBytes(std::size_t size) : bytes_(size) {}
    explicit SecretBytes(ByteView from) : bytes_(from.begin(), from.end()) {}
    SecretBytes(SecretBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    SecretBytes& operator=(SecretBytes&& other) noexcept {
        if (this != &other) {
            wipe(bytes_);
            bytes_ = std::exchange(other.bytes_, {});
        }
        return *this;
    }
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes() { wipe(bytes_); }

    [[nodiscard]] ByteView view() const { return bytes_; }
    [[nodiscard]] MutableBytes bytes() { return bytes_; }
    [[nodiscard]] std::string_view text() const {
        return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
    }
    // Keeps the first `size` bytes and wipes the rest.
    void shorten(std::size_t size) {
        PM_ASSERT(size <= bytes_.size());
        wipe(bytes().subspan(size));
        bytes_.resize(size);
    }

  private:
    std::vector<std::uint8_t> bytes_;
};

}  // namespace phantom::crypto
