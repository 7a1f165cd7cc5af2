#pragma once

// What `phantom top` shows, and where the person is in it. Snapshots and keys change it, and nothing else: no I/O, no
// clock.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "terminal/keys.h"
#include "top/snapshot.h"

namespace phantom::top {

inline constexpr std::size_t kHistoryMax = 240;
inline constexpr std::size_t kFilterSizeMax = 64;

enum class Pane : std::uint8_t { kPeers, kAlerts, kIncidents, kActions };
inline constexpr std::size_t kPaneCount = 4;

// By what peers are sorted; `s` goes on to the next.
enum class PeerOrder : std::uint8_t { kName, kPath, kRtt, kLoss, kTraffic };
inline constexpr std::size_t kPeerOrderCount = 5;
[[nodiscard]] std::string_view name_of(PeerOrder order);

// Bytes a second, of one peer or of all.
struct Traffic {
    double in = 0;
    double out = 0;
    std::vector<double> history;  // in and out, the newest last; at most kHistoryMax
};

enum class Overlay : std::uint8_t { kNone, kHelp, kDetail };

struct Model {
    // ---- What is known
    Snapshot snapshot;
    Instant taken;        // when; never: not yet
    std::string problem;  // why there is none since, or empty
    Traffic total;
    std::map<std::string, Traffic, std::less<>> traffic;  // by the peer's name

    // ---- Where the person is
    Pane focus = Pane::kPeers;
    std::size_t selected[kPaneCount] = {};
    PeerOrder order = PeerOrder::kName;
    bool is_reversed = false;
    bool is_paused = false;
    bool is_zoomed = false;  // the pane in focus alone
    bool is_typing = false;  // the filter
    std::string filter;      // printable ASCII, in lower case
    Overlay overlay = Overlay::kNone;
};

// A snapshot: rates are of the time since the last one. None is taken while the model is paused.
void take(Model& model, Snapshot snapshot, Instant now);
// There was no answer; what is shown stays, and says how old it is.
void lose(Model& model, std::string problem);

enum class Wish : std::uint8_t { kStay, kQuit, kSuspend, kRedraw };
// `page`: rows that a page up or down moves by.
[[nodiscard]] Wish press(Model& model, const terminal::Key& key, std::size_t page);

// Those that the filter leaves, as indices into the snapshot, in the order that is shown.
[[nodiscard]] std::vector<std::size_t> rows_of(const Model& model, Pane pane);

}  // namespace phantom::top
