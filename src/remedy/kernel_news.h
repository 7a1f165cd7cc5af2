#pragma once

// The kernel says when somebody changes its firewall, its routes or its rules: then what there is is
// compared at once and not with the next second. What we change ourselves is told of, too.
//
// In the network namespace where open() was called. Thread: response.

#include <array>

#include "base/result.h"
#include "io/fd.h"

namespace phantom::remedy {

class KernelNews {
  public:
    // kFirewallSocket.
    [[nodiscard]] static Result<KernelNews> open();
    // Readable when there is news.
    [[nodiscard]] std::array<int, 2> fds() const { return {firewall_.get(), routes_.get()}; }
    // Reads it all.
    void drain();

  private:
    KernelNews(io::Fd firewall, io::Fd routes)
        : firewall_(std::move(firewall)), routes_(std::move(routes)) {}

    io::Fd firewall_;
    io::Fd routes_;
};

}  // namespace phantom::remedy
