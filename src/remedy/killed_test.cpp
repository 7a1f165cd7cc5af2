// Killed between any two steps, on the disk and in the world, with each executor: all is as before or as
// after once it runs again. With the real kernel, in a network namespace of this process's own.

#include <csignal>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "remedy/firewall.h"
#include "remedy/kernel_fixture.h"
#include "remedy/node_acts.h"
#include "remedy/remedy.h"
#include "remedy/remedy_fixture.h"
#include "remedy/routes.h"

namespace phantom::remedy {
namespace {

// Between any two steps on the disk and in the kernel the process may be killed.
class Executioner {
  public:
    explicit Executioner(std::size_t at) : left_(at) {}
    void boundary() {
        if (--left_ == 0) {
            (void)::raise(SIGKILL);
        }
    }

  private:
    std::size_t left_;
};

class DoomedJournal final : public Journal {
  public:
    DoomedJournal(Journal& journal, Executioner& executioner)
        : journal_(journal), executioner_(executioner) {}
    [[nodiscard]] Status append(const Record& record) override {
        executioner_.boundary();
        Status appended = journal_.append(record);
        executioner_.boundary();
        return appended;
    }

  private:
    Journal& journal_;
    Executioner& executioner_;
};

class DoomedExecutor final : public ExecutorInterface {
  public:
    DoomedExecutor(ExecutorInterface& executor, Executioner& executioner)
        : executor_(executor), executioner_(executioner) {}
    [[nodiscard]] Result<Condition> read(const Target& target, WallTime now) override {
        return executor_.read(target, now);
    }
    [[nodiscard]] Status write(const Target& target, const Condition& condition, WallTime now)
        override {
        executioner_.boundary();
        Status wrote = executor_.write(target, condition, now);
        executioner_.boundary();
        return wrote;
    }
    [[nodiscard]] Result<Conditions> read_all(WallTime now) override {
        return executor_.read_all(now);
    }

  private:
    ExecutorInterface& executor_;
    Executioner& executioner_;
};

// A node's switches, which die with it.
class Switches final : public NodeSwitches {
  public:
    Status check(const Target& /*target*/) override { return {}; }
    Status set(const Target& target, bool in_force) override {
        if (in_force) {
            on.insert(target);
        } else {
            on.erase(target);
        }
        return {};
    }
    bool is_set(const Target& target) override { return on.contains(target); }

    std::set<Target> on;
};

// One life of the program.
struct World {
    std::unique_ptr<Firewall> firewall;
    std::unique_ptr<Routes> routes;
    Switches switches;
    NodeActs node{switches};

    // Only what the target needs: a table costs a start of nft.
    [[nodiscard]] bool open(const Target& target) {
        auto opened = Routes::open();
        if (!opened) {
            return false;
        }
        routes = std::move(*opened);
        if (!is_firewalls(target)) {
            return true;
        }
        auto made = Firewall::set_up();
        if (!made) {
            return false;
        }
        firewall = std::move(*made);
        return true;
    }
    [[nodiscard]] ExecutorInterface& acts_on(const Target& target) {
        if (is_firewalls(target)) {
            return *firewall;
        }
        if (target.kind() == KeyKind::kPrefix) {
            return *routes;
        }
        return node;
    }
    [[nodiscard]] std::string dump() const {
        std::string text = kernel_dump();
        for (const Target& target : switches.on) {
            text += name_of(target.executor);
        }
        return text;
    }
};

bool g_kill_usable = false;

class KilledTest : public testing::TestWithParam<std::size_t> {
  protected:
    static void SetUpTestSuite() { g_kill_usable = enter_empty_network(); }
    void SetUp() override {
        if (!g_kill_usable) {
            GTEST_SKIP() << "needs root, a network namespace, ip and nft";
        }
    }

    // Acts, and takes it back, unless it is killed before.
    static void live_and_die(
        const std::filesystem::path& path, const Target& target, std::size_t boundary
    ) {
        World world;
        auto opened = JournalFile::open(path);
        if (!world.open(target) || !opened) {
            ::_exit(1);
        }
        Executioner executioner(boundary);
        DoomedJournal journal(opened->journal, executioner);
        DoomedExecutor executor(world.acts_on(target), executioner);
        const Executors executors = doing_all(executor);
        Remedy remedy(journal, executors, Guard());
        const Request request{.target = target, .terms = {.duration = 1h}, .is_approved = true};
        const auto id = remedy.act(request, wall_now());
        const bool done = id && remedy.undo(*id, wall_now());
        ::_exit(done ? 0 : 2);
    }
};

TEST_P(KilledTest, at_any_boundary_it_is_as_before_or_as_after) {
    const Target target = all_kinds()[GetParam()];
    const auto path =
        std::filesystem::temp_directory_path() / ("remedy_killed_" + std::to_string(::getpid()));
    std::string before;
    std::size_t killed = 0;
    std::size_t in_force = 0;
    bool lived = false;
    for (std::size_t boundary = 1; !lived; ++boundary) {
        ASSERT_LT(boundary, 100U);
        SCOPED_TRACE("boundary " + std::to_string(boundary));
        std::filesystem::remove(path);
        World world;
        ASSERT_TRUE(world.open(target));
        before = before.empty() ? world.dump() : before;
        ASSERT_EQ(world.dump(), before);
        const pid_t child = fork();
        if (child == 0) {
            live_and_die(path, target, boundary);
        }
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        lived = WIFEXITED(status);
        ASSERT_TRUE(!lived || WEXITSTATUS(status) == 0) << WEXITSTATUS(status);
        killed += lived ? 0 : 1;

        auto opened = JournalFile::open(path);
        ASSERT_TRUE(opened) << opened.error().message();
        ExecutorInterface& executor = world.acts_on(target);
        const Executors executors = doing_all(executor);
        Remedy remedy(opened->journal, executors, Guard());
        ASSERT_TRUE(remedy.start(opened->records, wall_now()));
        const bool holds = !remedy.ledger().actions().empty();
        in_force += holds ? 1 : 0;
        const Condition found = executor.read(target, wall_now()).value();
        EXPECT_EQ(found.in_force, holds);
        EXPECT_EQ(world.dump() == before, !holds);
        if (holds) {
            EXPECT_TRUE(agree(found, {true, after(wall_now(), 1h)}));
            ASSERT_TRUE(remedy.undo(remedy.ledger().actions().begin()->first, wall_now()));
        }
        EXPECT_EQ(world.dump(), before);
    }
    std::filesystem::remove(path);
    EXPECT_GE(killed, 12U);
    EXPECT_GE(in_force, 2U) << "some came after the outcome was written";
}

INSTANTIATE_TEST_SUITE_P(
    EachExecutor, KilledTest, testing::Range<std::size_t>(0, all_kinds().size()),
    [](const testing::TestParamInfo<std::size_t>& each) {
        std::string name = name_of(all_kinds()[each.param].executor);
        std::erase(name, '-');
        return name + std::to_string(each.param);
    }
);

}  // namespace
}  // namespace phantom::remedy
