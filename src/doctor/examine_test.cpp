#include "doctor/examine.h"

#include <cerrno>

#include <gtest/gtest.h>
#include <linux/capability.h>

namespace phantom::doctor {
namespace {

constexpr std::uint64_t kAll = (std::uint64_t{1} << 41U) - 1;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;

FolderFacts good_folder(const std::string& path) {
    return {
        .path = path,
        .exists = true,
        .is_folder = true,
        .nearest = path,
        .free_bytes = 20 * kGiB,
        .free_files = 100'000,
        .mode = 0700,
        .loose_secrets = {},
    };
}

Facts good() {
    Facts facts;
    facts.kernel = {.release = "6.12.3-amd64", .major = 6, .minor = 12};
    facts.offloads.is_proven = true;
    facts.way_out = {.exists = true, .interface = "eth0", .mtu = 1'500};
    facts.clock = {
        .is_known = true, .is_synchronised = true, .error_max_us = 12'000, .unix_s = 1'800'000'000
    };
    facts.ports = {{.port = 51'820, .holder = {}}, {.port = 443, .is_tcp = true, .holder = {}}};
    facts.capabilities = {.effective = kAll, .is_root = true};
    facts.firewall = {.has_program = true, .program_works = true, .dropping_inputs = {}};
    facts.limits = {.files_soft = 1'024, .files_hard = 524'288, .memory_available_bytes = 4 * kGiB};
    facts.state = good_folder("/var/lib/phantommesh");
    facts.run = good_folder("/run/phantommesh");
    return facts;
}

// The findings of one check that are not ok, as one text.
std::string said(const Facts& facts, std::string_view check) {
    std::string text;
    for (const Finding& each : examine(facts)) {
        if (each.check == check && each.state != State::kOk) {
            text +=
                std::string(name_of(each.state)) + ": " + each.found + " | " + each.advice + "\n";
        }
    }
    return text;
}

TEST(Examine, finds_nothing_wrong_with_a_good_machine) {
    const auto findings = examine(good());
    for (const Finding& each : findings) {
        EXPECT_EQ(each.state, State::kOk) << each.check << ": " << each.found;
        EXPECT_EQ(each.advice, "");
        EXPECT_NE(each.found, "");
    }
    EXPECT_EQ(verdict(findings), State::kOk);
    EXPECT_GE(findings.size(), 14U);
}

TEST(Examine, tells_kernels_apart) {
    Facts facts = good();
    facts.kernel = {.release = "6.2.0", .major = 6, .minor = 2};
    EXPECT_EQ(said(facts, "kernel"), "");
    facts.kernel = {.release = "6.1.0-18-amd64", .major = 6, .minor = 1};
    EXPECT_TRUE(said(facts, "kernel").starts_with("warning: Linux 6.1.0-18-amd64"));
    facts.kernel = {.release = "5.3.0", .major = 5, .minor = 3};
    EXPECT_TRUE(said(facts, "kernel").starts_with("warning:"));
    facts.kernel = {.release = "5.2.9", .major = 5, .minor = 2};
    EXPECT_TRUE(said(facts, "kernel").starts_with("problem:"));
}

TEST(Examine, says_how_to_get_a_tun) {
    Facts facts = good();
    facts.tun.open_errno = ENOENT;
    EXPECT_NE(said(facts, "tun").find("modprobe tun"), std::string::npos);
    EXPECT_NE(said(facts, "offloads").find("not proven"), std::string::npos);
    facts.tun = {.open_errno = 0, .create_errno = EBUSY};
    EXPECT_TRUE(said(facts, "tun").starts_with("problem: an interface cannot be made"));
}

TEST(Examine, names_what_root_lacks_and_what_a_user_cannot_see) {
    Facts facts = good();
    facts.capabilities.effective &= ~(std::uint64_t{1} << CAP_NET_ADMIN);
    facts.tun.create_errno = EPERM;
    EXPECT_TRUE(said(facts, "capabilities").starts_with("problem: root, but without CAP_NET_ADMIN")
    );
    EXPECT_TRUE(said(facts, "tun").starts_with("warning:")) << "it is one fault, not two";
    facts.capabilities.is_root = false;
    EXPECT_NE(said(facts, "capabilities").find("sudo phantom doctor"), std::string::npos);
    facts = good();
    facts.capabilities.effective &= ~(std::uint64_t{1} << CAP_NET_BIND_SERVICE);
    EXPECT_NE(said(facts, "capabilities").find("443"), std::string::npos);
}

TEST(Examine, names_lost_offloads) {
    Facts facts = good();
    facts.offloads.usable.uso = false;
    EXPECT_NE(said(facts, "offloads").find("not usable: uso"), std::string::npos);
}

TEST(Examine, measures_the_way_out) {
    Facts facts = good();
    facts.way_out.mtu = 1'440;
    EXPECT_EQ(said(facts, "way out"), "");
    facts.way_out.mtu = 1'439;
    EXPECT_TRUE(said(facts, "way out").starts_with("warning:"));
    facts.way_out.mtu = 1'359;
    EXPECT_TRUE(said(facts, "way out").starts_with("problem:"));
    facts.way_out = {};
    EXPECT_TRUE(said(facts, "way out").starts_with("warning: no default route"));
    facts = good();
    facts.way_out.send_errno = EPERM;
    EXPECT_NE(said(facts, "udp").find("firewall"), std::string::npos);
    facts.way_out.send_errno = ENETUNREACH;
    EXPECT_TRUE(said(facts, "udp").starts_with("warning:"));
}

TEST(Examine, reads_the_clock) {
    Facts facts = good();
    facts.clock.is_synchronised = false;
    EXPECT_NE(said(facts, "clock").find("chrony"), std::string::npos);
    facts.clock = {
        .is_known = true,
        .is_synchronised = true,
        .error_max_us = 1'500'000,
        .unix_s = 1'800'000'000
    };
    EXPECT_NE(said(facts, "clock").find("1.5 s"), std::string::npos);
    facts.clock.unix_s = 0;
    EXPECT_TRUE(said(facts, "clock").starts_with("problem:"));
}

TEST(Examine, names_who_has_the_port) {
    Facts facts = good();
    facts.ports[0].bind_errno = EADDRINUSE;
    facts.ports[0].holder = "nc (pid 4711)";
    EXPECT_NE(said(facts, "udp port").find("taken by nc (pid 4711)"), std::string::npos);
    EXPECT_TRUE(said(facts, "udp port").starts_with("problem:"));
    facts.ports[0].is_held_by_node = true;
    EXPECT_EQ(said(facts, "udp port"), "");
    facts.ports[1].bind_errno = EADDRINUSE;
    EXPECT_TRUE(said(facts, "tcp port").starts_with("warning: 443 is taken"));
}

TEST(Examine, needs_nftables) {
    Facts facts = good();
    facts.firewall.has_program = false;
    EXPECT_NE(said(facts, "nftables").find("Install the package nftables"), std::string::npos);
    facts.firewall.netlink_errno = EPROTONOSUPPORT;
    EXPECT_NE(said(facts, "nftables").find("modprobe nf_tables"), std::string::npos);
    facts = good();
    facts.firewall.dropping_inputs = {"inet filter input"};
    EXPECT_TRUE(said(facts, "nftables").starts_with("warning: usable; 'inet filter input' drops"));
}

TEST(Examine, watches_limits) {
    Facts facts = good();
    facts.limits.files_soft = 255;
    EXPECT_TRUE(said(facts, "files").starts_with("problem:"));
    facts.limits.files_soft = 256;
    EXPECT_TRUE(said(facts, "files").starts_with("warning:"));
    facts.limits.memory_available_bytes = std::uint64_t{47} << 20U;
    EXPECT_TRUE(said(facts, "memory").starts_with("problem: 47 MiB available"));
}

TEST(Examine, looks_at_the_disk_and_at_modes) {
    Facts facts = good();
    facts.state.write_errno = ENOSPC;
    EXPECT_NE(said(facts, "disk").find("no room is left"), std::string::npos);
    facts.state.write_errno = EROFS;
    EXPECT_NE(said(facts, "disk").find("read-only"), std::string::npos);
    facts = good();
    facts.state.free_bytes = std::uint64_t{15} << 20U;
    EXPECT_TRUE(said(facts, "disk").starts_with("problem: 15 MiB free"));
    facts = good();
    facts.state.free_files = 3;
    EXPECT_TRUE(said(facts, "disk").starts_with("problem: 3 more files"));
    facts.state.counts_files = false;
    EXPECT_EQ(said(facts, "disk"), "") << "not every file system counts them";
    facts = good();
    facts.state.mode = 0755;
    EXPECT_NE(said(facts, "state").find("chmod 700 /var/lib/phantommesh"), std::string::npos);
    facts.state.loose_secrets = {{"/var/lib/phantommesh/node.key", 0644}};
    EXPECT_NE(said(facts, "state").find("(mode 0644)"), std::string::npos);
    facts.state.is_of_another = true;
    EXPECT_NE(said(facts, "state").find("another user"), std::string::npos);
}

TEST(Examine, passes_on_what_the_node_says) {
    Facts facts = good();
    facts.daemon = {.is_running = true, .problem = {}, .warnings = {"one", "another"}};
    EXPECT_EQ(said(facts, "node"), "warning: one | \nwarning: another | \n");
    facts.daemon = {.problem = "it does not answer", .warnings = {}};
    EXPECT_EQ(verdict(examine(facts)), State::kProblem);
}

TEST(Examine, says_what_to_do_with_each_problem) {
    Facts facts;  // nothing is as it should be
    facts.tun.open_errno = EACCES;
    facts.firewall.netlink_errno = EPERM;
    facts.ports = {{.port = 1, .bind_errno = EADDRINUSE, .holder = {}}};
    facts.capabilities.is_root = true;
    facts.state = {.path = "/x", .nearest = "/", .write_errno = EIO, .loose_secrets = {}};
    facts.run = facts.state;
    for (const Finding& each : examine(facts)) {
        EXPECT_TRUE(each.state != State::kProblem || !each.advice.empty()) << each.check;
    }
}

}  // namespace
}  // namespace phantom::doctor
