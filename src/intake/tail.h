#pragma once

// A file that grows, is renamed, cut or made anew: its lines, each once, and where it was read up to.
// Thread: the one that reads.

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "intake/line_cutter.h"
#include "io/fd.h"

namespace phantom::intake {

// A file that was renamed is read for so long after its last line: who writes it may not know yet.
inline constexpr Duration kRotationGrace = std::chrono::seconds(2);
// Further behind than this it goes on at the end: what is passed over is counted.
inline constexpr std::uint64_t kBacklogMax = 256U << 20U;

// Which file, and where in it: kept over restarts.
struct TailPosition {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;  // 0: none yet
    std::uint64_t offset = 0;

    friend bool operator==(const TailPosition&, const TailPosition&) = default;
};

class Tail {
  public:
    enum class Begin : std::uint8_t { kAtStart, kAtEnd };

    // With a position, there; without one as `begin` says, and at the start of a file that is only made later.
    Tail(std::string path, TailPosition position, Begin begin);

    // At most `size_max` bytes. True: there may be more.
    bool read(std::size_t size_max, Instant now, const LineCutter::Sink& sink);

    [[nodiscard]] TailPosition position() const;
    // Bytes that are there and were not read.
    [[nodiscard]] std::uint64_t behind() const { return behind_; }
    // When all that was there had been read last.
    [[nodiscard]] Instant caught_up() const { return caught_up_; }
    [[nodiscard]] std::uint64_t too_long() const { return cutter_.too_long(); }
    [[nodiscard]] std::uint64_t bytes_skipped() const { return bytes_skipped_; }
    [[nodiscard]] std::uint64_t rotations() const { return rotations_; }
    [[nodiscard]] std::uint64_t truncations() const { return truncations_; }
    // Why it cannot be read; "" when it can.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    void open_first(Instant now);
    [[nodiscard]] bool open(const std::string& path);
    [[nodiscard]] bool open_renamed();
    void look_at_size(const LineCutter::Sink& sink);
    [[nodiscard]] bool was_renamed() const;
    void follow_rotation(Instant now, const LineCutter::Sink& sink);

    std::string path_;
    Begin begin_;
    TailPosition kept_;
    io::Fd file_;
    LineCutter cutter_;
    std::uint64_t device_ = 0;
    std::uint64_t inode_ = 0;
    std::uint64_t offset_ = 0;
    std::uint64_t behind_ = 0;
    std::uint64_t bytes_skipped_ = 0;
    std::uint64_t rotations_ = 0;
    std::uint64_t truncations_ = 0;
    Instant caught_up_;
    Instant newest_;  // bytes
    std::string trouble_;
};

}  // namespace phantom::intake
