#include "store/store.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "store/migrations.h"
#include "store/outbox.h"
#include "store/records.h"

namespace phantom::store {
namespace {

class OutboxTest : public testing::Test {
  protected:
    OutboxTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "storeXXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~OutboxTest() override { std::filesystem::remove_all(folder_); }
    OutboxTest(const OutboxTest&) = delete;
    OutboxTest& operator=(const OutboxTest&) = delete;

    [[nodiscard]] std::string path() const { return folder_ + "/alerts.db"; }
    [[nodiscard]] const std::string& folder() const { return folder_; }

  private:
    std::string folder_;
};

OutboxEntry entry_of(const std::string& key) {
    return {.key = key, .priority = 2, .put_at = {1}, .next_at = {2}, .request = "to " + key};
}

TEST_F(OutboxTest, gives_back_after_reopening_what_was_put) {
    {
        auto store = Store::open(path());
        ASSERT_TRUE(store.has_value()) << store.error().message();
        Outbox outbox(*store);
        const std::array entries{entry_of("a"), entry_of("b")};
        ASSERT_EQ(outbox.put(entries)->size(), 2U);
        ASSERT_TRUE(outbox.mark_delivered("a", {5}, "200").has_value());
    }
    auto store = Store::open(path());
    ASSERT_TRUE(store.has_value());
    Outbox outbox(*store);
    const auto pending = outbox.pending();
    ASSERT_TRUE(pending.has_value());
    ASSERT_EQ(pending->size(), 1U);
    EXPECT_EQ(pending->front().key, "b");
    EXPECT_EQ(pending->front().request, "to b");
    EXPECT_EQ(pending->front().next_at.ns, 2);
    EXPECT_EQ(outbox.counts()->delivered, 1U);
}

TEST_F(OutboxTest, a_key_is_put_once_even_when_delivered) {
    auto store = Store::open(path());
    ASSERT_TRUE(store.has_value());
    Outbox outbox(*store);
    const std::array one{entry_of("a")};
    ASSERT_EQ(outbox.put(one)->size(), 1U);
    ASSERT_TRUE(outbox.mark_delivered("a", {5}, "200").has_value());
    EXPECT_TRUE(outbox.put(one)->empty());
    EXPECT_TRUE(outbox.pending()->empty());
    ASSERT_TRUE(outbox.forget_before({6}).has_value());
    EXPECT_EQ(outbox.put(one)->size(), 1U);
}

TEST_F(OutboxTest, a_retry_keeps_its_attempts_and_its_time_and_a_dead_letter_its_request) {
    auto store = Store::open(path());
    ASSERT_TRUE(store.has_value());
    Outbox outbox(*store);
    const std::array one{entry_of("a")};
    ASSERT_TRUE(outbox.put(one).has_value());
    OutboxEntry tried = one[0];
    tried.attempts = 3;
    tried.next_at = {99};
    ASSERT_TRUE(outbox.mark_retry(tried, "503").has_value());
    EXPECT_EQ(outbox.pending()->front().attempts, 3U);
    EXPECT_EQ(outbox.pending()->front().next_at.ns, 99);
    ASSERT_TRUE(outbox.mark_dead("a", {100}, "404").has_value());
    EXPECT_TRUE(outbox.pending()->empty());
    ASSERT_EQ(outbox.dead_letters(10)->size(), 1U);
    EXPECT_EQ(outbox.dead_letters(10)->front().request, "to a");
}

TEST_F(OutboxTest, an_entry_that_the_table_refuses_takes_the_whole_batch_back) {
    auto store = Store::open(path());
    ASSERT_TRUE(store.has_value());
    Outbox outbox(*store);
    // With an error that is no conflict of keys; those would be ignored.
    ASSERT_FALSE(store
                     ->in_transaction([&]() -> Status {
                         const std::array one{entry_of("a")};
                         store->database().exec(
                             "INSERT INTO delivery (key, sequence, priority, state, put_at, "
                             "next_at, request) VALUES ('x', 1, 1, 'queued', 1, 1, '')"
                         );
                         return fail(StoreError::kFull);
                     })
                     .has_value());
    EXPECT_TRUE(outbox.pending()->empty());
}

TEST_F(OutboxTest, the_file_and_its_log_belong_to_the_owner_alone) {
    auto store = Store::open(path());
    ASSERT_TRUE(store.has_value());
    Outbox outbox(*store);
    const std::array one{entry_of("a")};
    ASSERT_TRUE(outbox.put(one).has_value());
    for (const char* const suffix : {"", "-wal", "-shm"}) {
        struct stat status{};
        ASSERT_EQ(::stat((path() + suffix).c_str(), &status), 0) << suffix;
        EXPECT_EQ(status.st_mode & 0777U, 0600U) << suffix;
    }
}

TEST_F(OutboxTest, a_backup_taken_while_in_use_has_what_was_put) {
    auto store = Store::open(path());
    ASSERT_TRUE(store.has_value());
    Outbox outbox(*store);
    const std::array one{entry_of("a")};
    ASSERT_TRUE(outbox.put(one).has_value());
    ASSERT_TRUE(store->back_up_to(folder() + "/copy.db").has_value());
    auto copy = Store::open(folder() + "/copy.db");
    ASSERT_TRUE(copy.has_value());
    EXPECT_EQ(Outbox(*copy).pending()->size(), 1U);
}

TEST_F(OutboxTest, what_is_no_database_or_a_newer_one_is_refused) {
    std::ofstream(folder() + "/no.db") << std::string(4096, 'x');
    const auto no = Store::open(folder() + "/no.db");
    ASSERT_FALSE(no.has_value());
    EXPECT_TRUE(no.error().is(StoreError::kDamaged)) << no.error().message();

    {
        auto store = Store::open(path());
        ASSERT_TRUE(store.has_value());
        store->database().exec("PRAGMA user_version = 77");
    }
    const auto newer = Store::open(path());
    ASSERT_FALSE(newer.has_value());
    EXPECT_TRUE(newer.error().is(StoreError::kNewer));
    EXPECT_FALSE(Store::open("/nowhere/at/all.db").has_value());
}

TEST_F(OutboxTest, records_are_replaced_removed_and_kept) {
    {
        auto store = Store::open(path());
        ASSERT_TRUE(store.has_value());
        Records records(*store);
        ASSERT_TRUE(records.put("a", {.key = "2", .value = "two"}).has_value());
        ASSERT_TRUE(records.put("a", {.key = "1", .value = "one"}).has_value());
        ASSERT_TRUE(records.put("a", {.key = "2", .value = "zwei"}).has_value());
        ASSERT_TRUE(records.put("b", {.key = "2", .value = "other"}).has_value());
        ASSERT_TRUE(records.put("a", {.key = "3", .value = "three"}).has_value());
        ASSERT_TRUE(records.remove("a", "3").has_value());
        ASSERT_TRUE(records.remove("a", "4").has_value());
    }
    auto store = Store::open(path());
    ASSERT_TRUE(store.has_value());
    const auto all = Records(*store).all("a", 10);
    ASSERT_TRUE(all.has_value());
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ(all->at(0).value, "one");
    EXPECT_EQ(all->at(1).value, "zwei");
    EXPECT_EQ(Records(*store).all("a", 1)->size(), 1U);
}

TEST_F(OutboxTest, several_records_are_changed_together_or_not_at_all) {
    auto store = Store::open(path());
    ASSERT_TRUE(store.has_value());
    Records records(*store);
    const std::array put{
        Record{number_key(10), "ten"}, Record{number_key(9), "nine"}, Record{number_key(1), "one"}
    };
    ASSERT_TRUE(records.change("a", put, {}).has_value());
    const std::array<std::uint64_t, 1> gone{1};
    const std::array bad{Record{number_key(11), "eleven"}, Record{"", "no key"}};
    EXPECT_FALSE(records.change("a", bad, number_keys(gone)).has_value());
    const auto all = records.all("a");
    ASSERT_EQ(all->size(), 3U);
    EXPECT_EQ(all->at(1).value, "nine") << "numbers are in their order";
    EXPECT_EQ(number_of_key(all->at(2).key), 10U);
    ASSERT_TRUE(records.change("a", {}, number_keys(gone)).has_value());
    EXPECT_EQ(records.all("a")->size(), 2U);
    EXPECT_EQ(number_of_key(number_key(UINT64_MAX)), UINT64_MAX);
    EXPECT_EQ(number_of_key("nine"), 0U);
}

// As the version before left it, with documents and records of their own.
void make_third_version(const std::string& path) {
    SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    for (std::size_t version = 0; version < 3; ++version) {
        database.exec(kMigrations.at(version));
    }
    database.exec("PRAGMA user_version = 3");
    database.exec(
        "INSERT INTO document VALUES ('incident', 10, 'ten'), ('incident', 9, 'nine'), "
        "('playbook-run', 9, 'a run')"
    );
    database.exec("INSERT INTO record VALUES ('silence', 'x', 'a silence')");
}

TEST_F(OutboxTest, documents_of_the_version_before_are_records_after_it) {
    make_third_version(path());
    for (const char* time : {"migrated", "opened again"}) {
        auto store = Store::open(path());
        ASSERT_TRUE(store.has_value()) << time << ": " << store.error().message();
        Records records(*store);
        const auto incidents = records.all("incident");
        ASSERT_EQ(incidents->size(), 2U) << time;
        EXPECT_EQ(incidents->at(0), (Record{number_key(9), "nine"}));
        EXPECT_EQ(incidents->at(1), (Record{number_key(10), "ten"}));
        EXPECT_EQ(records.all("playbook-run")->at(0).value, "a run");
        EXPECT_EQ(records.all("silence")->at(0), (Record{"x", "a silence"}));
    }
    SQLite::Database database(path(), SQLite::OPEN_READONLY);
    EXPECT_FALSE(database.tableExists("document"));
}

TEST_F(OutboxTest, a_migration_that_cannot_be_is_none) {
    make_third_version(path());
    {
        SQLite::Database database(path(), SQLite::OPEN_READWRITE);
        database.exec("INSERT INTO record VALUES ('incident', printf('%020d', 9), 'in the way')");
    }
    EXPECT_FALSE(Store::open(path()).has_value());
    SQLite::Database database(path(), SQLite::OPEN_READONLY);
    EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), 3);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM document").getInt(), 3);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM record").getInt(), 2);
}

TEST_F(OutboxTest, what_is_written_with_a_delivery_is_there_with_it_or_not_at_all) {
    auto store = Store::open(path());
    ASSERT_TRUE(store.has_value());
    Outbox outbox(*store);
    Records records(*store);
    const std::array<OutboxEntry, 1> entries{entry_of("k")};
    const auto refused = outbox.put(entries, [&]() -> Status {
        EXPECT_TRUE(records.put("a", {.key = "1", .value = "one"}).has_value());
        return fail(StoreError::kWrite);
    });
    EXPECT_FALSE(refused.has_value());
    EXPECT_TRUE(records.all("a", 10)->empty());
    EXPECT_EQ(outbox.fate_of("k")->state, Fate::State::kUnknown);
    ASSERT_TRUE(outbox.put(
                          entries, [&] { return records.put("a", {.key = "1", .value = "one"}); }
    ).has_value());
    EXPECT_EQ(records.all("a", 10)->size(), 1U);
    EXPECT_EQ(outbox.fate_of("k")->state, Fate::State::kPending);
    ASSERT_TRUE(outbox.mark_delivered("k", {7}, "250 ok").has_value());
    const auto fate = outbox.fate_of("k");
    EXPECT_EQ(fate->state, Fate::State::kDelivered);
    EXPECT_EQ(fate->done_at, WallTime{7});
    EXPECT_EQ(fate->answer, "250 ok");
}

}  // namespace
}  // namespace phantom::store
