#include "doctor/gather.h"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/folder_facts.h"
#include "doctor/net_facts.h"
#include "doctor/port_holder.h"
#include "io/fd.h"

namespace phantom::doctor {
namespace {

namespace fs = std::filesystem;

class Folder : public testing::Test {
  protected:
    Folder() : path_(fs::path(testing::TempDir()) / "doctor_folder_test") {
        fs::remove_all(path_);
        fs::create_directory(path_);
        fs::permissions(path_, fs::perms::owner_all);
    }
    ~Folder() override { fs::remove_all(path_); }

    fs::path path_;
};

TEST_F(Folder, is_read_without_a_trace) {
    const FolderFacts facts = read_folder(path_.string());
    EXPECT_TRUE(facts.exists && facts.is_folder);
    EXPECT_EQ(facts.write_errno, 0);
    EXPECT_EQ(facts.mode, 0700U);
    EXPECT_GT(facts.free_bytes, 0U);
    EXPECT_TRUE(fs::is_empty(path_));
}

TEST_F(Folder, shows_secrets_that_others_can_read) {
    std::ofstream(path_ / "node.key") << "x";
    std::ofstream(path_ / "alerts.yml") << "x";
    fs::permissions(path_ / "node.key", fs::perms::owner_read | fs::perms::others_read);
    fs::permissions(path_ / "alerts.yml", fs::perms::owner_read | fs::perms::others_read);
    const FolderFacts facts = read_folder(path_.string());
    ASSERT_EQ(facts.loose_secrets.size(), 1U) << "a configuration is no secret";
    EXPECT_EQ(facts.loose_secrets[0].path, (path_ / "node.key").string());
    EXPECT_EQ(facts.loose_secrets[0].mode, 0404U);
}

TEST_F(Folder, that_is_missing_is_looked_for_above) {
    const FolderFacts facts = read_folder((path_ / "a" / "b").string());
    EXPECT_FALSE(facts.exists);
    EXPECT_EQ(facts.nearest, path_.string());
    EXPECT_EQ(facts.write_errno, 0);
}

TEST_F(Folder, may_be_a_file) {
    std::ofstream(path_ / "file") << "x";
    const FolderFacts facts = read_folder((path_ / "file").string());
    EXPECT_TRUE(facts.exists);
    EXPECT_FALSE(facts.is_folder);
}

TEST(Port, that_is_taken_names_its_holder) {
    const io::Fd taken(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in place{};
    place.sin_family = AF_INET;
    socklen_t size = sizeof place;
    auto* generic = reinterpret_cast<sockaddr*>(&place);
    ASSERT_EQ(bind(taken.get(), generic, size), 0);
    ASSERT_EQ(getsockname(taken.get(), generic, &size), 0);
    const std::uint16_t port = ntohs(place.sin_port);
    const PortFacts facts = read_port(port, false, 0);
    EXPECT_EQ(facts.bind_errno, EADDRINUSE);
    EXPECT_NE(facts.holder.find("(pid " + std::to_string(getpid()) + ")"), std::string::npos)
        << facts.holder;
    EXPECT_FALSE(facts.is_held_by_node);
    EXPECT_TRUE(read_port(port, false, getpid()).is_held_by_node);
}

TEST(PortTable, is_read_by_columns) {
    const std::string table =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
        "timeout inode\n"
        "   0: 00000000:01BB 0100007F:0050 01 00000000:00000000 00:00000000 00000000  0  0 111 1 "
        "f\n"
        "   1: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 222 1 "
        "f\n"
        "   2: 00000000:CA6C 00000000:0000 07 00000000:00000000 00:00000000 00000000  0  0 333 2 "
        "f\n";
    EXPECT_EQ(socket_inode(table, 443, true), "222") << "who listens, not who is connected";
    EXPECT_EQ(socket_inode(table, 51'820, false), "333");
    EXPECT_EQ(socket_inode(table, 80, true), "");
    EXPECT_EQ(socket_inode("garbage\n\n1 2 3", 443, true), "");
}

TEST(Gather, reads_this_machine) {
    const Facts facts = gather({
        .state_dir = testing::TempDir() + "doctor_no_such_folder",
        .run_dir = testing::TempDir(),
        .tcp_port = 0,
    });
    EXPECT_GE(facts.kernel.major, 4U);
    EXPECT_GT(facts.limits.files_soft, 0U);
    EXPECT_GT(facts.limits.memory_available_bytes, 0U);
    EXPECT_GT(facts.clock.unix_s, 1'700'000'000);
    EXPECT_EQ(facts.ports.size(), 1U);
    EXPECT_FALSE(facts.state.exists);
    EXPECT_EQ(facts.capabilities.is_root, geteuid() == 0);
}

}  // namespace
}  // namespace phantom::doctor
