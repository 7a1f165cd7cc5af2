#pragma once

// What every way of running needs before it runs: the interface, the signals, files that go with us.

#include <optional>
#include <string>

#include "base/result.h"
#include "dataplane/tunnel.h"
#include "io/fd.h"
#include "io/offloads.h"
#include "io/tun.h"

namespace phantom::daemon {

// A new interface, with a shard for each queue: `shard_count`, or one fewer than the machine has
// cores.
[[nodiscard]] Result<io::Tun> make_tun(
    const std::string& name, std::optional<unsigned> shard_count, const io::Offloads& offloads,
    std::uint32_t mtu = dataplane::kDefaultMtu
);
// The interface behind a descriptor that a supervisor opened.
[[nodiscard]] Result<io::Tun> adopt_tun(int fd, const io::Offloads& offloads);

// Readable when SIGINT or SIGTERM came; blocks them for this thread and those it starts.
[[nodiscard]] Result<io::Fd> take_signals();

// Readable when SIGHUP came; likewise.
[[nodiscard]] Result<io::Fd> take_hangup();
// Takes the news, so that it is not readable any more.
void drain_signals(int fd);

// A file that is removed when this goes.
class OwnedFile {
  public:
    explicit OwnedFile(std::string path) : path_(std::move(path)) {}
    ~OwnedFile();
    OwnedFile(const OwnedFile&) = delete;
    OwnedFile& operator=(const OwnedFile&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    // It belongs to the process that goes on, or it is gone already.
    void release() { path_.clear(); }

  private:
    std::string path_;
};

}  // namespace phantom::daemon
