#pragma once

// Somebody's word that some alerts need not be told of for a while.

#include <cstdint>
#include <map>
#include <string>

#include "alert/alert.h"
#include "alert/matcher.h"

namespace phantom::alert {

inline constexpr std::size_t kSilencesMax = 1'000;

struct Silence {
    Matchers matchers;
    WallTime starts_at;
    WallTime ends_at;
    std::string author;
    std::string comment;
};

using SilenceId = std::uint64_t;

class Silences {
  public:
    // kTooManySilences, kSilenceMatchesAll, kSilenceOver.
    [[nodiscard]] Result<SilenceId> add(Silence silence, WallTime now);
    // It ends now. kUnknownSilence.
    [[nodiscard]] Status expire(SilenceId id);
    // As it was before a restart.
    void restore(SilenceId id, Silence silence);
    void forget_over(WallTime now);

    [[nodiscard]] bool is_silenced(const Labels& labels, WallTime now) const;
    [[nodiscard]] const std::map<SilenceId, Silence>& all() const { return silences_; }

  private:
    std::map<SilenceId, Silence> silences_;
    SilenceId next_id_ = 1;
};

}  // namespace phantom::alert
