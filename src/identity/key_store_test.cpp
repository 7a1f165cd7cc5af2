#include "identity/key_store.h"

#include <csignal>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "identity/identity_fixture.h"

namespace phantom::identity {
namespace {

namespace fs = std::filesystem;

bool alike(ByteView a, ByteView b) {
    return crypto::equal_constant_time(a, b);
}

class KeyStoreTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "phantom-identity-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        state_ = folder_ / "state";
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] KeyStore open() const { return KeyStore::open(state_).value(); }

    template <class T>
    static void expect_error(
        const StoreResult<T>& result, IdentityError code, const std::string& advice
    ) {
        ASSERT_FALSE(result.has_value());
        EXPECT_TRUE(result.error().cause.is(code)) << result.error().message();
        EXPECT_TRUE(result.error().message().contains(advice)) << result.error().message();
        EXPECT_TRUE(result.error().message().starts_with(result.error().path.string()));
    }

    static Bytes content_of(const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static void replace(const fs::path& path, const Bytes& content) {
        std::ofstream file(path, std::ios::binary | std::ios::trunc);
        file.write(
            reinterpret_cast<const char*>(content.data()),
            static_cast<std::streamsize>(content.size())
        );
    }

    fs::path folder_;
    fs::path state_;
    SeededRandom random_{1};
    NodeSeeds seeds_ = NodeSeeds::generate(random_);
};

TEST_F(KeyStoreTest, gives_back_the_keys_it_was_given) {
    {
        KeyStore store = open();
        EXPECT_FALSE(store.has_keys());
        ASSERT_TRUE(store.create_keys(KeyRing::of(seeds_)).has_value());
        ASSERT_TRUE(store.save_root_seeds(seeds_.signing).has_value());
    }
    const KeyStore store = open();
    EXPECT_TRUE(store.has_keys());
    EXPECT_TRUE(store.has_root_seeds());
    const NodeSeeds node = store.load_keys().value().current;
    const NodeKeys before(seeds_, fake_kem_public_key);
    EXPECT_EQ(NodeKeys(node, fake_kem_public_key).hash(), before.hash());
    EXPECT_TRUE(alike(node.kem.view(), seeds_.kem.view()));
    const crypto::SigningSeeds root = store.load_root_seeds().value();
    EXPECT_TRUE(alike(root.ml_dsa.view(), seeds_.signing.ml_dsa.view()));
    EXPECT_TRUE(alike(root.ed25519.view(), seeds_.signing.ed25519.view()));
}

TEST_F(KeyStoreTest, the_root_can_be_erased_and_given_again) {
    const fs::path key = state_ / "root.key";
    {
        KeyStore store = open();
        ASSERT_TRUE(store.save_root_seeds(seeds_.signing).has_value());
        ASSERT_TRUE(store.erase_root_seeds().has_value());
        EXPECT_FALSE(store.has_root_seeds());
        ASSERT_TRUE(store.erase_root_seeds().has_value()) << "nothing to erase";
        EXPECT_TRUE(fs::is_empty(state_));
        ASSERT_TRUE(store.save_root_seeds(seeds_.signing).has_value());
    }
    // As a process that was killed in the middle leaves it.
    fs::rename(key, state_ / ".root.key.erased");
    const KeyStore store = open();
    EXPECT_FALSE(store.has_root_seeds());
    EXPECT_TRUE(fs::is_empty(state_));
}

TEST_F(KeyStoreTest, an_erased_key_is_overwritten) {
    KeyStore store = open();
    ASSERT_TRUE(store.save_root_seeds(seeds_.signing).has_value());
    fs::create_hard_link(state_ / "root.key", folder_ / "the same blocks");
    ASSERT_TRUE(store.erase_root_seeds().has_value());
    const Bytes left = content_of(folder_ / "the same blocks");
    EXPECT_FALSE(left.empty());
    EXPECT_TRUE(std::ranges::all_of(left, [](std::uint8_t byte) { return byte == 0; }));
}

TEST_F(KeyStoreTest, gives_back_the_last_split) {
    KeyStore store = open();
    EXPECT_EQ(store.load_root_split().value(), std::nullopt);
    const RootSplit split = new_split(2, 3, kNow, random_);
    ASSERT_TRUE(store.save_root_split(split).has_value());
    EXPECT_EQ(store.load_root_split().value(), split);
}

TEST_F(KeyStoreTest, gives_back_members_revocations_and_tokens) {
    const TestRoot root(100);
    const TestNode node(1);
    const std::vector members = {root.member(node), root.member(TestNode(2))};
    const std::vector revocations = {root.revocation(node.keys.first_id())};
    std::vector tokens = {IssuedToken::of(test_token(), {label("a"), label("b")}).value()};
    ASSERT_TRUE(tokens[0].use(node.keys.first_id(), kNow).has_value());
    {
        KeyStore store = open();
        ASSERT_TRUE(store.save_members(members).has_value());
        ASSERT_TRUE(store.save_revocations(revocations).has_value());
        ASSERT_TRUE(store.save_tokens(tokens).has_value());
    }
    const KeyStore store = open();
    EXPECT_EQ(store.load_members().value(), members);
    EXPECT_EQ(store.load_revocations().value(), revocations);
    const auto loaded = store.load_tokens().value();
    ASSERT_EQ(loaded.size(), 1U);
    EXPECT_EQ(loaded[0].secret_hash, tokens[0].secret_hash);
    EXPECT_EQ(loaded[0].guest_public_key, tokens[0].guest_public_key);
    EXPECT_TRUE(alike(loaded[0].preshared_key.view(), tokens[0].preshared_key.view()));
    EXPECT_TRUE(alike(loaded[0].proof_key.view(), tokens[0].proof_key.view()));
    EXPECT_EQ(loaded[0].expiry, tokens[0].expiry);
    EXPECT_EQ(loaded[0].uses_left, 1);
    EXPECT_EQ(loaded[0].tags, tokens[0].tags);
    EXPECT_EQ(loaded[0].used_by, tokens[0].used_by);
}

TEST_F(KeyStoreTest, without_files_has_no_keys_and_empty_lists) {
    const KeyStore store = open();
    expect_error(store.load_keys(), IdentityError::kStateMissing, "phantom init");
    EXPECT_TRUE(store.load_members().value().empty());
    EXPECT_TRUE(store.load_revocations().value().empty());
    EXPECT_TRUE(store.load_tokens().value().empty());
}

TEST_F(KeyStoreTest, never_replaces_an_identity) {
    KeyStore store = open();
    ASSERT_TRUE(store.create_keys(KeyRing::of(seeds_)).has_value());
    const Bytes before = content_of(state_ / "node.key");
    expect_error(
        store.create_keys(KeyRing::of(NodeSeeds::generate(random_))), IdentityError::kStateExists,
        "move the file away"
    );
    EXPECT_EQ(content_of(state_ / "node.key"), before);
}

TEST_F(KeyStoreTest, files_are_for_their_owner_and_leave_nothing_beside_them) {
    KeyStore store = open();
    ASSERT_TRUE(store.create_keys(KeyRing::of(seeds_)).has_value());
    ASSERT_TRUE(store.save_tokens({}).has_value());
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(state_)) {
        struct stat found{};
        ASSERT_EQ(::stat(entry.path().c_str(), &found), 0);
        EXPECT_EQ(found.st_mode & 07777U, 0600U) << entry.path();
        ++count;
    }
    EXPECT_EQ(count, 2U);
    struct stat found{};
    ASSERT_EQ(::stat(state_.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, 0700U);
}

TEST_F(KeyStoreTest, refuses_a_key_that_others_could_read) {
    KeyStore store = open();
    ASSERT_TRUE(store.create_keys(KeyRing::of(seeds_)).has_value());
    for (const mode_t mode : {0640U, 0604U, 0620U, 0602U}) {
        ASSERT_EQ(::chmod((state_ / "node.key").c_str(), mode), 0);
        expect_error(store.load_keys(), IdentityError::kStateMode, "chmod 600 ");
    }
    ASSERT_EQ(::chmod((state_ / "node.key").c_str(), 0400), 0);
    EXPECT_TRUE(store.load_keys().has_value());
}

TEST_F(KeyStoreTest, refuses_a_folder_that_others_could_write) {
    fs::create_directory(state_);
    ASSERT_EQ(::chmod(state_.c_str(), 0777), 0);
    expect_error(KeyStore::open(state_), IdentityError::kStateMode, "chmod 700 ");
}

TEST_F(KeyStoreTest, refuses_what_belongs_to_another_user) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can give a file away";
    }
    {
        KeyStore store = open();
        ASSERT_TRUE(store.create_keys(KeyRing::of(seeds_)).has_value());
        ASSERT_EQ(::chown((state_ / "node.key").c_str(), 12'345, 12'345), 0);
        expect_error(store.load_keys(), IdentityError::kStateOwner, "user 12345");
    }
    ASSERT_EQ(::chown(state_.c_str(), 12'345, 12'345), 0);
    expect_error(KeyStore::open(state_), IdentityError::kStateOwner, "chown 0 ");
}

TEST_F(KeyStoreTest, refuses_links_pipes_and_folders_in_a_file_s_place) {
    const KeyStore store = open();
    const fs::path key = state_ / "node.key";
    fs::create_symlink("/dev/zero", key);
    expect_error(store.load_keys(), IdentityError::kStateNotAFile, "Move");
    fs::remove(key);
    ASSERT_EQ(::mkfifo(key.c_str(), 0600), 0);
    expect_error(store.load_keys(), IdentityError::kStateNotAFile, "Move");
    fs::remove(key);
    fs::create_directory(key);
    expect_error(store.load_keys(), IdentityError::kStateNotAFile, "Move");
    replace(folder_ / "file", {1});
    expect_error(KeyStore::open(folder_ / "file"), IdentityError::kStateNotAFile, "Move");
}

TEST_F(KeyStoreTest, a_folder_without_a_parent_says_why_it_cannot_be_made) {
    expect_error(
        KeyStore::open(folder_ / "no" / "state"), IdentityError::kStateDirectory, "No such file"
    );
}

TEST_F(KeyStoreTest, belongs_to_one_process_at_a_time) {
    {
        const KeyStore store = open();
        expect_error(KeyStore::open(state_), IdentityError::kStateInUse, "--state-dir");
    }
    EXPECT_TRUE(KeyStore::open(state_).has_value());
}

TEST_F(KeyStoreTest, notices_any_flipped_byte_and_any_cut) {
    KeyStore store = open();
    ASSERT_TRUE(store.create_keys(KeyRing::of(seeds_)).has_value());
    const Bytes good = content_of(state_ / "node.key");
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes broken = good;
        broken[at] ^= 0x10;
        replace(state_ / "node.key", broken);
        expect_error(store.load_keys(), IdentityError::kStateDamaged, "backup");
        broken.resize(at);
        replace(state_ / "node.key", broken);
        expect_error(store.load_keys(), IdentityError::kStateDamaged, "backup");
    }
    Bytes longer = good;
    longer.resize(1'000);
    replace(state_ / "node.key", longer);
    EXPECT_TRUE(store.load_keys().error().cause.is(IdentityError::kTooLarge));
    replace(state_ / "node.key", good);
    EXPECT_TRUE(store.load_keys().has_value());
}

TEST_F(KeyStoreTest, one_kind_of_file_is_not_read_as_another) {
    KeyStore store = open();
    ASSERT_TRUE(store.save_revocations({}).has_value());
    fs::rename(state_ / "revocations.db", state_ / "members.db");
    expect_error(store.load_members(), IdentityError::kStateDamaged, "Move it away");
}

TEST_F(KeyStoreTest, what_a_killed_process_left_is_replaced) {
    KeyStore store = open();
    replace(state_ / ".node.key.new", {1, 2, 3});
    ASSERT_TRUE(store.create_keys(KeyRing::of(seeds_)).has_value());
    EXPECT_FALSE(fs::exists(state_ / ".node.key.new"));
    EXPECT_TRUE(store.load_keys().has_value());
}

// Writes one list, then another, for ever.
[[noreturn]] void write_until_killed(
    const fs::path& state, const std::vector<IssuedToken>& few, const std::vector<IssuedToken>& many
) {
    auto store = KeyStore::open(state);
    while (store.has_value() && store->save_tokens(few) && store->save_tokens(many)) {
    }
    ::_exit(1);
}

TEST_F(KeyStoreTest, a_kill_at_any_moment_leaves_the_old_file_or_the_new_one) {
    const IssuedToken token = IssuedToken::of(test_token(), {}).value();
    const std::vector<IssuedToken> few(1, token);
    const std::vector<IssuedToken> many(1'000, token);
    ASSERT_TRUE(open().save_tokens(few).has_value());
    for (int round = 0; round < 40; ++round) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            write_until_killed(state_, few, many);
        }
        const timespec pause{0, static_cast<long>(500'000 + random_.below(10'000'000))};
        ::nanosleep(&pause, nullptr);
        ASSERT_EQ(::kill(child, SIGKILL), 0);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));
        const auto loaded = open().load_tokens();
        ASSERT_TRUE(loaded.has_value()) << loaded.error().message();
        EXPECT_TRUE(loaded->size() == few.size() || loaded->size() == many.size());
    }
}

}  // namespace
}  // namespace phantom::identity
