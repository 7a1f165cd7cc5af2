#pragma once

// A file of the system's as it was found, to be put back as it was: to the byte, its mode and its
// owner; a symbolic link as the link.

#include <expected>
#include <optional>
#include <string>

#include <sys/types.h>

namespace phantom::daemon {

struct FileImage {
    enum class Kind : std::uint8_t { kNone, kFile, kLink };

    Kind kind = Kind::kNone;
    std::string content;  // what the reader of the path sees; of a link, what it points to
    std::string target;   // of a link
    mode_t mode = 0;
    uid_t owner = 0;
    gid_t group = 0;

    friend bool operator==(const FileImage&, const FileImage&) = default;
};

// A sentence where there is something that cannot be read, or above `size_max`. A link to nothing is
// a link with no content.
[[nodiscard]] std::expected<FileImage, std::string> read_image(
    const std::string& path, std::size_t size_max
);
// Replaces whatever is at the path at once; where that cannot be (a mount point, as in a container),
// writes into the file. A sentence where it failed.
[[nodiscard]] std::optional<std::string> put_image(const std::string& path, const FileImage& image);

}  // namespace phantom::daemon
