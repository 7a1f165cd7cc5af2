#pragma once

// The kernel's firewall: packets from an address are dropped before anything looks at them, or those above
// a rate; or all of this machine's but for management. A table of our own, `inet phantommesh`
// (firewall_table.h); nobody else's rules are touched. The kernel counts the time down itself, so what is
// in force ends when it should even if nobody runs any more.
//
// In the network namespace where set_up() was called. Thread: response.

#include <memory>
#include <optional>

#include "io/fd.h"
#include "remedy/executor.h"
#include "remedy/firewall_table.h"

namespace phantom::remedy {

class Firewall final : public ExecutorInterface {
  public:
    // Makes the table where it is not there, by the program nft, in one transaction; what its sets hold
    // stays. read_all() and write() do that again where the table or its rules have gone meanwhile.
    // kFirewallSetUp, kFirewallSocket.
    [[nodiscard]] static Result<std::unique_ptr<Firewall>> set_up(Management management = {});
    // Takes the table away with all that is in it.
    [[nodiscard]] static Status tear_down();

    // Who may speak to this machine while it is isolated; made anew where that has changed.
    [[nodiscard]] Status set_management(const Management& management);
    [[nodiscard]] Result<Condition> read(const Target& target, WallTime now) override;
    [[nodiscard]] Status write(const Target& target, const Condition& condition, WallTime now)
        override;
    [[nodiscard]] Result<Conditions> read_all(WallTime now) override;

  private:
    Firewall(io::Fd socket, Management management)
        : socket_(std::move(socket)), management_(std::move(management)) {}
    // False: the table, the set or the element is not there. `take` gets each message of the answer.
    template <class TakeMessage>
    Result<bool> ask(const NftRequest& request, TakeMessage take);
    // Whoever owns the machine may take our table or its rules away; a block that lapsed in silence is
    // the worst that can happen here, so they are made again.
    Status repair_table();
    // False: the table is not there.
    Result<bool> write_once(const Target& target, const Condition& condition, WallTime now);
    // None: it is not there.
    Result<std::optional<Condition>> read_place(const NftPlace& place, WallTime now);

    io::Fd socket_;
    Management management_;
    std::uint32_t sequence_ = 1;
};

}  // namespace phantom::remedy
