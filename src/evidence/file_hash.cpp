#include "evidence/file_hash.h"

#include <array>

#include <fcntl.h>

#include "crypto/sha256.h"
#include "io/fd.h"

namespace phantom::evidence {

std::optional<crypto::Hash> hash_of_file(const std::filesystem::path& path, std::size_t size_max) {
    // Not waiting: it may be a pipe.
    constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    const io::Fd file(::open(path.c_str(), kFlags));  // NOLINT(*-vararg): POSIX
    if (!file.valid()) {
        return std::nullopt;
    }
    crypto::Sha256 hash;
    std::array<std::uint8_t, std::size_t{1} << 16U> chunk{};
    std::size_t size = 0;
    for (;;) {
        const ssize_t count = ::read(file.get(), chunk.data(), chunk.size());
        size += count > 0 ? static_cast<std::size_t>(count) : 0;
        if (count < 0 || size > size_max) {
            return std::nullopt;
        }
        if (count == 0) {
            return hash.finish();
        }
        hash.add(ByteView(chunk).first(static_cast<std::size_t>(count)));
    }
}

}  // namespace phantom::evidence
