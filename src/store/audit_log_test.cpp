#include "store/audit_log.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "store/sqlite_audit.h"

namespace phantom::store {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

crypto::SigningSeeds seeds_of(std::uint8_t first) {
    SeededRandom random(first);
    return crypto::SigningSeeds::generate(random, crypto::SignatureAlgorithm::kMlDsa65Ed25519);
}

AuditEntry audit_entry(std::uint64_t number) {
    return {
        .at = {static_cast<std::int64_t>(number) * kSecond},
        .who = "operator",
        .origin = "control socket",
        .what = "block",
        .target = "10.0.0." + std::to_string(number),
        .why = "a scan",
        .outcome = "done",
    };
}

class AuditLogTest : public testing::Test {
  protected:
    AuditLogTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "auditXXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        open();
    }
    ~AuditLogTest() override {
        store_.reset();
        std::filesystem::remove_all(folder_);
    }
    AuditLogTest(const AuditLogTest&) = delete;
    AuditLogTest& operator=(const AuditLogTest&) = delete;

    void open() {
        log_.reset();
        repository_.reset();
        store_.reset();
        auto store = Store::open(path());
        ASSERT_TRUE(store.has_value()) << store.error().message();
        store_.emplace(std::move(*store));
        repository_.emplace(*store_);
        log_.emplace(*repository_);
        ASSERT_TRUE(log_->open().has_value());
    }
    void write(std::uint64_t from, std::uint64_t to) {
        std::vector<AuditEntry> entries;
        for (std::uint64_t number = from; number <= to; ++number) {
            entries.push_back(audit_entry(number));
        }
        ASSERT_TRUE(log_->append(entries).has_value());
    }
    void sign(std::int64_t at) { ASSERT_TRUE(log_->sign(key_, {at}).has_value()); }
    [[nodiscard]] AuditVerdict verify(const std::optional<AuditStart>& known = std::nullopt) {
        const auto verdict = verify_audit(*repository_, key_.verify_key(), known);
        EXPECT_TRUE(verdict.has_value());
        return verdict.value_or(AuditVerdict{});
    }
    // As somebody would who has the file and takes the triggers away.
    void tamper(const std::string& sql) {
        for (const char* trigger : {"audit_is_not_changed", "audit_is_not_removed"}) {
            store_->database().exec(std::string("DROP TRIGGER IF EXISTS ") + trigger);
        }
        store_->database().exec(sql);
    }
    [[nodiscard]] std::string path() const { return folder_ + "/phantom.db"; }
    [[nodiscard]] std::string folder() const { return folder_; }
    [[nodiscard]] Store& store() { return *store_; }
    void close() {
        log_.reset();
        repository_.reset();
        store_.reset();
    }
    [[nodiscard]] AuditLog& log() { return *log_; }
    [[nodiscard]] SqliteAudit& repository() { return *repository_; }

  private:
    std::string folder_;
    crypto::SigningKey key_{seeds_of(7)};
    std::optional<Store> store_;
    std::optional<SqliteAudit> repository_;
    std::optional<AuditLog> log_;
};

TEST_F(AuditLogTest, what_was_written_holds_and_goes_on_after_reopening) {
    write(1, 5);
    sign(10 * kSecond);
    open();
    EXPECT_EQ(log().sequence(), 5U);
    write(6, 8);
    const AuditVerdict verdict = verify(AuditStart{log().sequence(), log().hash()});
    EXPECT_EQ(verdict.problem, "");
    EXPECT_EQ(verdict.entries, 8U);
    EXPECT_EQ(verdict.signed_up_to, 5U);
}

TEST_F(AuditLogTest, a_change_of_any_field_of_any_entry_is_found) {
    write(1, 4);
    sign(9 * kSecond);
    for (const char* change :
         {"at = at + 1", "who = 'nobody'", "origin = ''", "what = 'undo'", "target = '10.0.0.99'",
          "why = why || ' '", "outcome = 'refused'", "hash = zeroblob(32)"}) {
        for (int entry = 1; entry <= 4; ++entry) {
            const std::string at = std::to_string(entry);
            store().database().exec("SAVEPOINT before_change");
            tamper(std::string("UPDATE audit SET ") + change + " WHERE sequence = " + at);
            EXPECT_NE(verify().problem, "") << change << " of " << entry;
            store().database().exec("ROLLBACK TO before_change");
            store().database().exec("RELEASE before_change");
        }
    }
    EXPECT_EQ(verify().problem, "");
}

TEST_F(AuditLogTest, what_was_removed_or_put_in_another_order_is_found) {
    write(1, 6);
    sign(9 * kSecond);
    const auto found_after = [&](const std::string& sql) {
        store().database().exec("SAVEPOINT before_change");
        tamper(sql);
        const std::string problem = verify().problem;
        store().database().exec("ROLLBACK TO before_change");
        store().database().exec("RELEASE before_change");
        return problem;
    };
    for (int entry = 1; entry <= 6; ++entry) {
        EXPECT_NE(found_after("DELETE FROM audit WHERE sequence = " + std::to_string(entry)), "");
    }
    EXPECT_NE(
        found_after("UPDATE audit SET sequence = 100 WHERE sequence = 2;"
                    "UPDATE audit SET sequence = 2 WHERE sequence = 3;"
                    "UPDATE audit SET sequence = 3 WHERE sequence = 100"),
        ""
    );
    EXPECT_NE(
        found_after("INSERT INTO audit_start (only_row, sequence, hash) "
                    "SELECT 1, sequence, hash FROM audit WHERE sequence = 3;"
                    "DELETE FROM audit WHERE sequence <= 3"),
        ""
    ) << "a beginning that nobody signed";
}

TEST_F(AuditLogTest, a_cut_end_is_found_by_whoever_remembers_the_head) {
    write(1, 6);
    sign(9 * kSecond);
    write(7, 9);
    const AuditStart known{log().sequence(), log().hash()};
    tamper("DELETE FROM audit WHERE sequence > 7");
    EXPECT_EQ(verify().problem, "") << "nothing was signed since 6";
    EXPECT_NE(verify(known).problem, "");
    tamper("DELETE FROM audit WHERE sequence > 4");
    EXPECT_NE(verify().problem, "") << "6 was signed";
}

TEST_F(AuditLogTest, a_chain_that_somebody_else_signed_is_found) {
    write(1, 3);
    const crypto::SigningKey other(seeds_of(9));
    ASSERT_TRUE(log().sign(other, {5}).has_value());
    EXPECT_NE(verify().problem, "");
    sign(6);
    EXPECT_EQ(verify().problem, "") << "the newest signature counts for all before";
}

TEST_F(AuditLogTest, the_table_refuses_changes) {
    write(1, 3);
    EXPECT_THROW(store().database().exec("UPDATE audit SET who = 'x'"), SQLite::Exception);
    EXPECT_THROW(store().database().exec("DELETE FROM audit"), SQLite::Exception);
    const std::array again{audit_entry(2)};
    EXPECT_FALSE(repository().append(again).has_value()) << "of a number that is there";
}

TEST_F(AuditLogTest, heads_are_signed_after_a_while_or_a_number) {
    EXPECT_FALSE(log().wants_signature({1000 * kSecond}));
    write(1, 1);
    EXPECT_FALSE(log().wants_signature({2 * kSecond}));
    EXPECT_TRUE(log().wants_signature({31 * kSecond}));
    sign(31 * kSecond);
    EXPECT_FALSE(log().wants_signature({99 * kSecond}));
    write(100, 99 + kAuditUnsignedMax);
    EXPECT_TRUE(log().wants_signature({100 * kSecond}));
}

TEST_F(AuditLogTest, old_entries_go_up_to_a_signed_head_and_the_rest_holds) {
    write(1, 4);
    sign(5 * kSecond);
    write(5, 8);
    const WallTime late{kAuditAgeMax.count() + 10 * kSecond};
    ASSERT_TRUE(log().sign(crypto::SigningKey(seeds_of(7)), late).has_value());
    ASSERT_TRUE(log().retain(late).has_value());
    const AuditVerdict verdict = verify();
    EXPECT_EQ(verdict.problem, "");
    EXPECT_EQ(verdict.first, 5U);
    EXPECT_EQ(verdict.entries, 4U);
    open();
    EXPECT_EQ(log().sequence(), 8U);
}

TEST_F(AuditLogTest, texts_from_outside_are_cut) {
    std::array entries{audit_entry(1)};
    entries[0].why = std::string(10'000, 'x');
    ASSERT_TRUE(log().append(entries).has_value());
    EXPECT_EQ(repository().last()->value().why.size(), kAuditFieldMax);
    EXPECT_EQ(verify().problem, "");
}

TEST_F(AuditLogTest, a_backup_is_restored_and_what_is_damaged_or_newer_is_refused) {
    write(1, 3);
    const std::string backup = folder() + "/backup.db";
    ASSERT_TRUE(store().back_up_to(backup).has_value());
    write(4, 6);
    close();
    const auto refused_as = [&](StoreError error) {
        const Status restored = Store::restore(backup, path());
        return !restored.has_value() && restored.error().is(error);
    };
    std::ofstream(folder() + "/empty.db").close();
    EXPECT_FALSE(Store::restore(folder() + "/empty.db", path()).has_value());
    EXPECT_FALSE(Store::restore(folder() + "/nothing.db", path()).has_value());
    std::filesystem::copy_file(backup, folder() + "/kept.db");
    std::filesystem::resize_file(backup, std::filesystem::file_size(backup) / 2);
    EXPECT_TRUE(refused_as(StoreError::kDamaged));
    open();
    EXPECT_EQ(log().sequence(), 6U) << "what was refused changed nothing";
    close();
    std::filesystem::copy_file(
        folder() + "/kept.db", backup, std::filesystem::copy_options::overwrite_existing
    );
    {
        SQLite::Database database(backup, SQLite::OPEN_READWRITE);
        database.exec("PRAGMA user_version = 99");
    }
    EXPECT_TRUE(refused_as(StoreError::kNewer));
    ASSERT_TRUE(Store::restore(folder() + "/kept.db", path()).has_value());
    open();
    EXPECT_EQ(log().sequence(), 3U);
    EXPECT_EQ(verify().problem, "");
}

}  // namespace
}  // namespace phantom::store
