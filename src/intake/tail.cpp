#include "intake/tail.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace phantom::intake {

Tail::Tail(std::string path, TailPosition position, Begin begin)
    : path_(std::move(path)), begin_(begin), kept_(position) {}

bool Tail::open(const std::string& path) {
    // O_NONBLOCK: a pipe in its place must not stop the thread.
    io::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    struct stat status{};
    if (!file.valid() || fstat(file.get(), &status) != 0) {
        trouble_ = fmt::format("{}: {}", path, std::strerror(errno));
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        trouble_ = fmt::format("{} is no file", path);
        return false;
    }
    file_ = std::move(file);
    device_ = status.st_dev;
    inode_ = status.st_ino;
    offset_ = 0;
    trouble_.clear();
    return true;
}

// It may have been renamed while nobody looked: its last lines are then in PATH.1.
bool Tail::open_renamed() {
    if (kept_.inode == inode_ && kept_.device == device_) {
        return false;
    }
    const std::string renamed = path_ + ".1";
    struct stat status{};
    if (stat(renamed.c_str(), &status) != 0 || status.st_ino != kept_.inode ||
        status.st_dev != kept_.device) {
        return false;
    }
    return open(renamed);
}

void Tail::open_first(Instant now) {
    if (!open(path_)) {
        // What is made from now on is new from its first line.
        std::error_code error;
        begin_ = std::filesystem::exists(path_, error) ? begin_ : Begin::kAtStart;
        caught_up_ = now;
        return;
    }
    struct stat status{};
    (void)fstat(file_.get(), &status);
    const auto size = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
    if (kept_.inode == 0) {
        offset_ = begin_ == Begin::kAtEnd ? size : 0;
    } else if ((kept_.inode == inode_ && kept_.device == device_) || open_renamed()) {
        offset_ = kept_.offset;  // one that was cut meanwhile is noticed like any other
    }
    begin_ = Begin::kAtStart;
    newest_ = now;
}

void Tail::look_at_size(const LineCutter::Sink& sink) {
    struct stat status{};
    if (fstat(file_.get(), &status) != 0) {
        return;
    }
    const auto size = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
    if (size < offset_) {
        ++truncations_;
        cutter_.finish(sink);
        offset_ = 0;
    }
    if (size - offset_ > kBacklogMax) {
        cutter_.finish(sink);
        bytes_skipped_ += size - offset_;
        offset_ = size;
    }
    behind_ = size - offset_;
}

bool Tail::read(std::size_t size_max, Instant now, const LineCutter::Sink& sink) {
    if (!file_.valid()) {
        open_first(now);
    }
    if (!file_.valid()) {
        return false;
    }
    look_at_size(sink);
    std::vector<char> bytes(std::min<std::uint64_t>(size_max, behind_));
    const ssize_t got =
        bytes.empty() ? 0
                      : pread(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset_));
    if (got < 0) {
        trouble_ = fmt::format("{}: {}", path_, std::strerror(errno));
        return false;
    }
    if (got > 0) {
        offset_ += static_cast<std::uint64_t>(got);
        behind_ -= static_cast<std::uint64_t>(got);
        newest_ = now;
        cutter_.add({bytes.data(), static_cast<std::size_t>(got)}, sink);
    }
    if (behind_ == 0) {
        caught_up_ = now;
        follow_rotation(now, sink);
    }
    return behind_ > 0;
}

bool Tail::was_renamed() const {
    struct stat status{};
    return stat(path_.c_str(), &status) == 0 &&
           (status.st_ino != inode_ || status.st_dev != device_);
}

// Another file bears its name, and this one has been silent for a while.
void Tail::follow_rotation(Instant now, const LineCutter::Sink& sink) {
    if (now - newest_ < kRotationGrace || !was_renamed()) {
        return;
    }
    cutter_.finish(sink);
    if (open(path_)) {
        ++rotations_;
        newest_ = now;
    }
}

TailPosition Tail::position() const {
    if (!file_.valid()) {
        return kept_;
    }
    // A line that was read in part is read again.
    return {.device = device_, .inode = inode_, .offset = offset_ - cutter_.pending()};
}

}  // namespace phantom::intake
