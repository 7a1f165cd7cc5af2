#include "daemon/root_restore.h"

#include <fmt/format.h>

#include "identity/errors.h"

namespace phantom::daemon {

namespace {

Status take_line(identity::RootShares& shares, std::string_view line) {
    return shares.add(PM_TRY(identity::RootShare::parse(line)));
}

std::string sentence_of_too_few(const identity::RootShares& shares) {
    if (shares.given() == 0) {
        return "no share of the root was given; 'phantom root split' makes them where it is held";
    }
    return fmt::format(
        "{} of {} shares given: that many are needed, of the {} that were made", shares.given(),
        shares.split().threshold, shares.split().count
    );
}

}  // namespace

std::expected<RestoredRoot, std::string> restore_root(
    std::span<const std::string_view> lines, const identity::MeshId& mesh
) {
    identity::RootShares shares(mesh);
    for (std::size_t index = 0; index < lines.size(); ++index) {
        if (const Status taken = take_line(shares, lines[index]); !taken) {
            // Never the line itself: it may be a good share with one slip in it.
            return std::unexpected(fmt::format("share {}: {}", index + 1, taken.error().what()));
        }
    }
    auto seeds = shares.restore();
    if (!seeds) {
        const bool too_few = seeds.error().is(identity::IdentityError::kTooFewShares);
        return std::unexpected(
            too_few ? sentence_of_too_few(shares) : std::string(seeds.error().what())
        );
    }
    return RestoredRoot{.seeds = std::move(*seeds), .split = shares.split()};
}

}  // namespace phantom::daemon
