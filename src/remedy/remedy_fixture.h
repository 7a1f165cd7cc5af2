#pragma once

// For tests only: a disk and a kernel that can stop at any moment, and what is left of them then.

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "base/random.h"
#include "remedy/executor.h"
#include "remedy/journal.h"

namespace phantom::remedy {

inline constexpr WallTime kEpoch{1'800'000'000'000'000'000};

inline WallTime after(WallTime time, Duration by) {
    return {time.ns + by.count()};
}

inline Target against(std::string_view address) {
    const auto parsed = wire::Address::parse(address);
    PM_ASSERT(parsed.has_value());
    return {Executor::kFirewall, *parsed};
}

inline MemberId member(std::uint8_t number) {
    MemberId id;
    id.bytes[0] = number;
    return id;
}
inline wire::Prefix prefix(std::string_view text) {
    const auto parsed = wire::Prefix::parse(text);
    PM_ASSERT(parsed.has_value());
    return *parsed;
}

// One of each kind of target.
inline std::vector<Target> all_kinds() {
    return {
        against("192.0.2.1"),
        against("2001:db8::1"),
        {Executor::kIsolation, member(1)},
        {Executor::kIsolation, Host{}},
        {Executor::kRateLimit, wire::Address::parse("192.0.2.1").value(), kRates[0]},
        {Executor::kRateLimit, member(1), kRates[1]},
        {Executor::kTunnel, member(1), kBar},
        {Executor::kTunnel, member(1), kRekey},
        {Executor::kRoute, prefix("198.51.100.0/24")},
        {Executor::kRoute, MemberRoute{prefix("198.51.100.0/24"), member(1)}},
        {Executor::kCredential, member(1)},
    };
}

// `acts` does everything.
inline Executors doing_all(ExecutorInterface& acts) {
    Executors executors;
    for (const Target& target : all_kinds()) {
        executors.add(target.executor, target.kind(), acts);
    }
    return executors;
}

// Thrown where the machine stops.
struct PowerCut {};

class Machine {
  public:
    explicit Machine(std::uint64_t seed) : random_(seed) {}

    // The machine stops at the boundary of that number, from 1; 0: never.
    void stop_at(std::size_t boundary) { left_ = boundary; }
    [[nodiscard]] std::size_t boundaries() const { return passed_; }
    void boundary() {
        ++passed_;
        const bool stops = left_ == 1;
        left_ -= left_ > 0 ? 1 : 0;
        if (stops) {
            throw PowerCut{};
        }
    }
    // So many of a hundred calls of the kernel, and of the disk, fail without any effect.
    std::uint64_t failing_percent = 0;
    [[nodiscard]] bool fails() { return random_.below(100) < failing_percent; }

    // What was not synced may be there or not, or in part.
    void lose_power() {
        const std::size_t unsynced = disk.size() - synced;
        disk.resize(synced + random_.below(unsynced + 1));
        synced = disk.size();
    }

    Conditions kernel;
    std::vector<std::uint8_t> disk;
    std::size_t synced = 0;

  private:
    SeededRandom random_;
    std::size_t left_ = 0;
    std::size_t passed_ = 0;
};

class MachineJournal final : public Journal {
  public:
    MachineJournal(Machine& machine, RecordHash hash) : machine_(&machine), hash_(hash) {}

    [[nodiscard]] Status append(const Record& record) override {
        if (broken_ || machine_->fails()) {
            broken_ = true;
            return fail(RemedyError::kJournalWrite);
        }
        machine_->boundary();
        const auto framed = encode_record(record, hash_);
        machine_->disk.insert(machine_->disk.end(), framed.begin(), framed.end());
        machine_->boundary();
        if (must_last(record)) {
            machine_->synced = machine_->disk.size();
            machine_->boundary();
        }
        return {};
    }
    [[nodiscard]] bool is_broken() const { return broken_; }

  private:
    Machine* machine_;
    RecordHash hash_;
    bool broken_ = false;
};

class MachineExecutor final : public ExecutorInterface {
  public:
    explicit MachineExecutor(Machine& machine) : machine_(&machine) {}

    [[nodiscard]] Result<Condition> read(const Target& target, WallTime now) override {
        if (machine_->fails()) {
            return fail(RemedyError::kFirewallRefused);
        }
        end_what_is_over(now);
        const auto at = machine_->kernel.find(target);
        return at == machine_->kernel.end() ? Condition{} : at->second;
    }
    [[nodiscard]] Status write(const Target& target, const Condition& condition, WallTime now)
        override {
        if (machine_->fails()) {
            return fail(RemedyError::kFirewallRefused);
        }
        end_what_is_over(now);
        machine_->boundary();
        if (condition.in_force) {
            machine_->kernel[target] = condition;
        } else {
            machine_->kernel.erase(target);
        }
        machine_->boundary();
        return {};
    }
    [[nodiscard]] Result<Conditions> read_all(WallTime now) override {
        end_what_is_over(now);
        return machine_->kernel;
    }

  private:
    void end_what_is_over(WallTime now) {
        std::erase_if(machine_->kernel, [&](const auto& each) {
            return each.second.until && *each.second.until <= now;
        });
    }

    Machine* machine_;
};

}  // namespace phantom::remedy
