#pragma once

// The kernel's routes: packets to a prefix are dropped, whatever other route there is. A table and a rule
// of our own; the rule is there as long as the table holds something, and nobody else's are touched.
//
// The kernel does not count the time here: what is over ends with the next tick of who runs.
// In the network namespace where open() was called. Thread: response.

#include <map>
#include <memory>

#include "io/fd.h"
#include "remedy/executor.h"

namespace phantom::remedy {

class Routes final : public ExecutorInterface {
  public:
    // kRouteRefused.
    [[nodiscard]] static Result<std::unique_ptr<Routes>> open();

    [[nodiscard]] Result<Condition> read(const Target& target, WallTime now) override;
    [[nodiscard]] Status write(const Target& target, const Condition& condition, WallTime now)
        override;
    [[nodiscard]] Result<Conditions> read_all(WallTime now) override;

  private:
    explicit Routes(io::Fd socket) : socket_(std::move(socket)) {}
    // False: it is not there, or there already. `take` gets each message of the answer.
    template <class TakeMessage>
    Result<bool> ask(ByteView request, TakeMessage take);
    Result<bool> change(ByteView request);
    // What packets of the family are dropped by now: nothing where the rule is not there.
    Result<std::vector<wire::Prefix>> in_force(wire::Family family);
    Result<std::vector<wire::Prefix>> in_table(wire::Family family);

    io::Fd socket_;
    std::uint32_t sequence_ = 1;
    std::map<Target, WallTime> until_;  // of those that we have written
};

}  // namespace phantom::remedy
