#include "intake/intake.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "intake/intake_fixture.h"
#include "intake/sensor.h"

namespace phantom::intake::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

TEST(IntakeConfigTest, is_read_as_it_is_written) {
    const auto config = parse_config(R"(
scenarios: [hub]
sigma: [/etc/sigma]
inputs:
  - file: /var/log/auth.log
    type: syslog
    labels: {program: sshd}
  - journal: ssh.service
  - syslog: udp://127.0.0.1:5514
  - file: /var/log/proxy.json
    labels: {type: json}
    category: proxy
    from_start: true
)");
    ASSERT_TRUE(config.has_value()) << config.error().reason;
    ASSERT_EQ(config->inputs.size(), 4U);
    EXPECT_EQ(config->inputs[0].name(), "file:/var/log/auth.log");
    EXPECT_EQ(config->inputs[1].type, "syslog");
    EXPECT_EQ(config->inputs[3].type, "json");
    EXPECT_EQ(config->inputs[3].source.category, "proxy");
    EXPECT_TRUE(config->inputs[3].from_start);
    EXPECT_TRUE(parse_config("").has_value());
    EXPECT_TRUE(parse_config("inputs:\n").has_value());
}

TEST(IntakeConfigTest, what_is_wrong_is_told_with_its_line) {
    const auto flaw_of = [](std::string_view text) {
        const auto config = parse_config(text);
        return config ? scenario::Flaw{.reason = ""} : config.error();
    };
    EXPECT_EQ(flaw_of("inputs:\n  - file: /a\n").line, 2U);
    EXPECT_EQ(flaw_of("inputs:\n  - file: /a\n    typ: x\n").reason, "'typ' is not understood");
    EXPECT_EQ(flaw_of("inputs:\n  - file: /a\n    typ: x\n").line, 3U);
    EXPECT_EQ(flaw_of("inputs:\n  - {file: a, type: x}\n").reason, "a file is written from '/'");
    EXPECT_NE(flaw_of("inputs:\n  - {syslog: 'udp://x:1'}\n").reason, "");
    EXPECT_NE(flaw_of("inputs:\n  - {journal: '--flush'}\n").reason, "");
    EXPECT_NE(flaw_of("inputs:\n  - {journal: all, file: /a, type: b}\n").reason, "");
    EXPECT_NE(flaw_of("inputs:\n  - {file: /a, type: b}\n  - {file: /a, type: c}\n").reason, "");
    EXPECT_NE(flaw_of("other: 1\n").reason, "");
    EXPECT_NE(flaw_of("inputs: {a: b}\n").reason, "");
    EXPECT_NE(flaw_of("a: [\n").reason, "");
    std::string many = "inputs:\n";
    for (std::size_t number = 0; number <= kInputsMax; ++number) {
        many += "  - {file: /" + std::to_string(number) + ", type: x}\n";
    }
    EXPECT_NE(flaw_of(many).reason, "");
}

TEST(PlacesTest, are_read_back_as_they_were) {
    const Places places{
        {"file:/a", {.tail = {.device = 1, .inode = UINT64_MAX, .offset = 7}, .cursor = ""}},
        {"journal:all", {.tail = {}, .cursor = "s=1;i=2"}},
    };
    const auto again = parse_places(places_json(places));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(*again, places);
    EXPECT_FALSE(parse_places("").has_value());
    EXPECT_FALSE(parse_places(R"({"schema":"phantom.places/2","places":{}})").has_value());
    EXPECT_FALSE(parse_places(R"({"schema":"phantom.places/1","places":{"a":1}})").has_value());
}

// RFC 6587 3.4.1 and 3.4.2.
TEST(SyslogRecordTest, both_framings_are_cut) {
    std::string bytes = "5 <1>ab<2>cd\n3 xyz<9>";
    std::string record;
    EXPECT_EQ(cut_syslog_record(bytes, record), Cut::kRecord);
    EXPECT_EQ(record, "<1>ab");
    EXPECT_EQ(cut_syslog_record(bytes, record), Cut::kRecord);
    EXPECT_EQ(record, "<2>cd");
    EXPECT_EQ(cut_syslog_record(bytes, record), Cut::kRecord);
    EXPECT_EQ(record, "xyz");
    EXPECT_EQ(cut_syslog_record(bytes, record), Cut::kMore);
    for (const char* wrong : {"99999999 x", "5x", "123456789"}) {
        bytes = wrong;
        EXPECT_EQ(cut_syslog_record(bytes, record), Cut::kTooLong) << wrong;
    }
    bytes = std::string(kSyslogMessageMax + 1, '<');
    EXPECT_EQ(cut_syslog_record(bytes, record), Cut::kTooLong);
}

TEST(SyslogLineOfTest, nobody_writes_a_second_line_into_one) {
    const WallTime now{1'700'000'000'000'000'000};
    EXPECT_EQ(
        line_of_syslog("<34>Oct 11 22:14:15 host sshd[7]: hello", now),
        "2023-11-14T22:13:20+00:00 host sshd[7]: hello"
    );
    const std::string forged =
        line_of_syslog("<34>1 - h\x1b[0m a:b p - - x\nOct 11 22:14:15 host sshd[7]: root", now);
    EXPECT_EQ(forged.find('\n'), std::string::npos);
    EXPECT_EQ(forged.find("sshd[7]"), forged.rfind("sshd[7]")) << "only in the message";
    const auto journal = line_of_journal(
        R"({"__REALTIME_TIMESTAMP":"1700000000000000","_HOSTNAME":"amber","SYSLOG_IDENTIFIER":"sshd",)"
        R"("_PID":"7","MESSAGE":"a\nb"})"
    );
    EXPECT_EQ(journal, "2023-11-14T22:13:20+00:00 amber sshd[7]: a b");
    EXPECT_EQ(line_of_journal("[]"), std::nullopt);
    EXPECT_NE(line_of_journal(R"({"__REALTIME_TIMESTAMP":"99999999999999999999"})"), std::nullopt);
}

TEST(SensorTest, an_alert_of_another_sensor_is_a_sighting) {
    const auto seen = read_eve_alert(
        R"({"event_type":"alert","src_ip":"10.0.0.5","dest_ip":"10.0.0.6","dest_port":22,"alert":{)"
        R"("gid":1,"signature_id":2010935,"signature":"ET SCAN \u001b[2J","severity":2,"metadata":{)"
        R"("signature_severity":["Major"],"confidence":["High"],"mitre_technique_id":["T1046"]}}})"
    );
    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(seen->rule, "eve:1:2010935");
    EXPECT_EQ(seen->subject.to_string(), "10.0.0.5");
    EXPECT_EQ(seen->object.to_string(), "10.0.0.6");
    EXPECT_EQ(seen->severity, 7.5);
    EXPECT_EQ(seen->technique, "T1046");
    EXPECT_EQ(seen->text.find('\x1b'), std::string::npos);
    EXPECT_FALSE(read_eve_alert(R"({"event_type":"dns","src_ip":"10.0.0.5"})").has_value());
    EXPECT_FALSE(read_eve_alert(R"({"event_type":"alert","src_ip":"x","alert":{}})").has_value());
    EXPECT_FALSE(read_eve_alert("{").has_value());
    const auto notice = read_zeek_notice(
        R"({"_path":"notice","note":"Scan::Port_Scan","msg":"m","src":"10.0.0.5","dst":"10.0.0.6"})"
    );
    ASSERT_TRUE(notice.has_value());
    EXPECT_EQ(notice->rule, "zeek:Scan::Port_Scan");
    EXPECT_FALSE(read_zeek_notice(R"({"_path":"conn","id.orig_h":"10.0.0.5"})").has_value());
}

TEST(DamperTest, tells_with_each_doubling) {
    Damper damper;
    Instant now{1'000'000'000'000};
    unsigned told = 0;
    for (int times = 0; times < 100; ++times) {
        told += damper.lets_pass("a", now) ? 1 : 0;
    }
    EXPECT_EQ(told, 7U) << "at 1, 2, 4, 8, 16, 32 and 64";
    now = now + kDampedFor + 1s;
    EXPECT_TRUE(damper.lets_pass("a", now));
    for (std::size_t other = 0; other < 2 * kDampedMax; ++other) {
        EXPECT_TRUE(damper.lets_pass(std::to_string(other), now));
    }
}

constexpr const char* kSshRule = R"(
title: Failed logins
id: 11111111-2222-3333-4444-555555555555
level: high
tags: [attack.t1110]
logsource: {product: linux, service: sshd}
detection:
  keywords: ['Failed password']
  condition: keywords
)";

class IntakeTest : public IntakeFolder {
  protected:
    std::unique_ptr<Intake> start(std::string_view text, Places places = {}) {
        auto config = parse_config(text);
        EXPECT_TRUE(config.has_value()) << (config ? "" : config.error().reason);
        return std::make_unique<Intake>(
            Intake::Options{*config, folder_.string(), std::move(places)}, told_
        );
    }
    // Until there are so many, or five seconds.
    std::vector<Sighting> wait_for(Intake& intake, std::size_t count) {
        std::vector<Sighting> all;
        const Instant end = monotonic_now() + 5s;
        while (all.size() < count && monotonic_now() < end) {
            pollfd wait{.fd = told_.fd(), .events = POLLIN, .revents = 0};
            (void)poll(&wait, 1, 50);
            told_.drain();
            for (Sighting& each : intake.take(kSightingsMax)) {
                all.push_back(std::move(each));
            }
        }
        return all;
    }
    void wait_until_ready(Intake& intake) {
        const Instant end = monotonic_now() + 20s;
        while (monotonic_now() < end && (!intake.counters().is_ready || intake.status().empty())) {
            (void)poll(nullptr, 0, 10);
        }
    }

    io::WakeUp told_;
};

TEST_F(IntakeTest, gives_no_more_than_is_asked_for_and_counts_what_has_no_room) {
    append("eve", "");
    const auto intake = start("inputs:\n  - {file: " + path("eve") + ", type: eve}\n");
    wait_until_ready(*intake);
    constexpr std::size_t kMore = 100;
    std::string lines;
    for (std::size_t number = 0; number < kSightingsMax + kMore; ++number) {
        lines += fmt::format(
            R"({{"event_type":"alert","src_ip":"10.0.{}.{}","dest_ip":"10.9.0.1",)"
            R"("alert":{{"gid":1,"signature_id":7,"signature":"x","severity":2}}}})"
            "\n",
            number / 250, number % 250
        );
    }
    append("eve", lines);
    const Instant end = monotonic_now() + 20s;
    while (intake->counters().sightings_dropped < kMore && monotonic_now() < end) {
        (void)poll(nullptr, 0, 10);
    }
    EXPECT_EQ(intake->counters().sightings_dropped, kMore);
    EXPECT_EQ(intake->counters().sightings_waiting, kSightingsMax);
    const auto first = intake->take(256);
    ASSERT_EQ(first.size(), 256U);
    EXPECT_EQ(first.front().subject.to_string(), "10.0.0.0");
    EXPECT_EQ(intake->take(1).front().subject.to_string(), "10.0.1.6") << "in order";
    EXPECT_EQ(intake->counters().sightings_waiting, kSightingsMax - 257);
    EXPECT_EQ(intake->take(2 * kSightingsMax).size(), kSightingsMax - 257);
    EXPECT_TRUE(intake->take(1).empty());
}

TEST_F(IntakeTest, a_line_of_a_file_becomes_a_sighting_of_who_it_names) {
    append("ssh.yml", kSshRule);
    append("log", "");
    const auto intake =
        start("sigma: [ssh.yml]\ninputs:\n  - {file: " + path("log") + ", type: syslog}\n");
    wait_until_ready(*intake);
    append(
        "log", "Nov  9 10:00:00 amber sshd[7]: Failed password for x from 203.0.113.7 port 1 ssh2\n"
    );
    const auto seen = wait_for(*intake, 1);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].rule, "sigma:11111111-2222-3333-4444-555555555555");
    EXPECT_EQ(seen[0].subject.to_string(), "203.0.113.7");
    EXPECT_EQ(seen[0].technique, "T1110");
    EXPECT_EQ(intake->counters().sigma, 1U);
}

TEST_F(IntakeTest, goes_on_where_it_was) {
    append("ssh.yml", kSshRule);
    append("log", "x sshd: old Failed password for x from 203.0.113.1 port 1\n");
    const std::string config =
        "sigma: [ssh.yml]\ninputs:\n  - {file: " + path("log") + ", type: syslog}\n";
    Places places;
    {
        const auto intake = start(config);
        wait_until_ready(*intake);
        (void)wait_for(*intake, 0);
        places = intake->places();
    }
    ASSERT_EQ(places.size(), 1U);
    append(
        "log", "Nov  9 10:00:00 a sshd[7]: Failed password for x from 203.0.113.2 port 1 ssh2\n"
    );
    const auto intake = start(config, places);
    const auto seen = wait_for(*intake, 1);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].subject.to_string(), "203.0.113.2");
}

TEST_F(IntakeTest, syslog_comes_by_datagram_and_by_stream) {
    append("ssh.yml", kSshRule);
    const auto intake = start(
        "sigma: [ssh.yml]\ninputs:\n  - {syslog: 'unix:" + path("dev-log") +
        "'}\n  - {syslog: 'tcp://127.0.0.1:45514'}\n"
    );
    wait_until_ready(*intake);
    const io::Fd datagram(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path("dev-log").copy(to.sun_path, sizeof(to.sun_path) - 1);
    const std::string one =
        "<38>Nov  9 10:00:00 sshd[7]: Failed password for x from 203.0.113.3 port 1 ssh2";
    ASSERT_GT(
        sendto(
            datagram.get(), one.data(), one.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof(to)
        ),
        0
    );
    EXPECT_EQ(wait_for(*intake, 1).size(), 1U);
    const io::Fd stream(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(45'514);
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(stream.get(), reinterpret_cast<sockaddr*>(&server), sizeof(server)) != 0) {
        GTEST_SKIP() << "TCP port 45514 of this machine is taken";
    }
    const std::string two =
        "<38>Nov  9 10:00:00 h sshd[7]: Failed password for x from 203.0.113.4 port 1 ssh2";
    const std::string framed = std::to_string(two.size()) + " " + two;
    ASSERT_GT(send(stream.get(), framed.data(), framed.size(), MSG_NOSIGNAL), 0);
    const auto seen = wait_for(*intake, 1);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].subject.to_string(), "203.0.113.4");
}

TEST_F(IntakeTest, a_sensor_is_heard_without_any_rule) {
    append("eve.json", "");
    const auto intake = start("inputs:\n  - {file: " + path("eve.json") + ", type: eve}\n");
    wait_until_ready(*intake);
    append(
        "eve.json", R"({"event_type":"alert","src_ip":"10.0.0.5","alert":{"signature_id":7}})"
                    "\n{broken\n"
    );
    const auto seen = wait_for(*intake, 1);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].rule, "eve:0:7");
}

TEST_F(IntakeTest, what_is_not_there_is_told) {
    const auto intake =
        start("scenarios: [nowhere]\ninputs:\n  - {file: /nowhere/log, type: syslog}\n");
    wait_until_ready(*intake);
    ASSERT_EQ(intake->troubles().size(), 1U);
    EXPECT_NE(intake->troubles()[0].find("nowhere is not there"), std::string::npos);
    const auto status = intake->status();
    ASSERT_EQ(status.size(), 1U);
    EXPECT_EQ(status[0].trouble, "/nowhere/log: No such file or directory");
}

// The public parsers and scenarios, over a log that is written while it is read.
TEST_F(IntakeTest, guessing_at_sshd_is_seen_by_the_public_scenario) {
    const char* const data =
        std::getenv("PHANTOM_DATA");  // NOLINT(concurrency-mt-unsafe): one thread
    const fs::path hub = fs::path(data == nullptr ? "../shared/data" : data) / "threat/crowdsec";
    const fs::path parsers = hub / "parsers";
    if (!fs::is_directory(parsers)) {
        GTEST_SKIP() << "no CrowdSec hub in " << hub;
    }
    std::string places;
    for (const auto& each : fs::recursive_directory_iterator(hub)) {
        const std::string name = each.path().filename().string();
        if (name == "syslog-logs.yaml" || name == "sshd-logs.yaml" || name == "ssh-bf.yaml" ||
            name == "dateparse-enrich.yaml") {
            places += (places.empty() ? "" : ", ") + fs::absolute(each.path()).string();
        }
    }
    append("log", "");
    const auto intake = start(
        "scenarios: [" + places + "]\ninputs:\n  - {file: " + path("log") + ", type: syslog}\n"
    );
    wait_until_ready(*intake);
    EXPECT_GE(intake->counters().scenarios, 1U) << places;
    for (int attempt = 0; attempt < 12; ++attempt) {
        append(
            "log", "Nov  9 10:00:0" + std::to_string(attempt % 10) +
                       " amber sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2\n"
        );
    }
    const auto seen = wait_for(*intake, 1);
    ASSERT_FALSE(seen.empty());
    EXPECT_EQ(seen[0].rule, "crowdsec:crowdsecurity/ssh-bf");
    EXPECT_EQ(seen[0].subject.to_string(), "203.0.113.9");
    EXPECT_EQ(seen[0].technique, "T1110");
}

// A program in the place of journalctl, and what is asked of it.
TEST_F(IntakeTest, the_journal_is_read_through_its_program_and_from_where_it_was) {
    append("ssh.yml", kSshRule);
    const std::string program = path("journalctl");
    std::ofstream(program
    ) << "#!/bin/sh\necho \"$@\" >> "
      << path("asked")
      << "\necho '{\"__CURSOR\":\"s=7;i=1\",\"MESSAGE\":\"Failed password for x from "
         "203.0.113.5 port 1 ssh2\",\"SYSLOG_IDENTIFIER\":\"sshd\"}'\nexec sleep 60\n";
    ASSERT_EQ(chmod(program.c_str(), 0700), 0);
    const std::string before = getenv("PATH");  // NOLINT(concurrency-mt-unsafe): no thread yet
    setenv("PATH", (folder_.string() + ":" + before).c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    Places places;
    {
        const auto intake = start("sigma: [ssh.yml]\ninputs:\n  - {journal: ssh.service}\n");
        const auto seen = wait_for(*intake, 1);
        EXPECT_EQ(seen.size(), 1U);
        wait_until_ready(*intake);
        const Instant end = monotonic_now() + 5s;
        while (monotonic_now() < end && places["journal:ssh.service"].cursor.empty()) {
            (void)poll(nullptr, 0, 10);
            places = intake->places();
        }
    }
    EXPECT_EQ(places["journal:ssh.service"].cursor, "s=7;i=1");
    {
        const auto intake =
            start("sigma: [ssh.yml]\ninputs:\n  - {journal: ssh.service}\n", places);
        EXPECT_EQ(wait_for(*intake, 1).size(), 1U);
    }
    setenv("PATH", before.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no thread any more
    std::ifstream asked(path("asked"));
    std::string first;
    std::string second;
    std::getline(asked, first);
    std::getline(asked, second);
    EXPECT_NE(first.find("--unit=ssh.service --lines=0"), std::string::npos) << first;
    EXPECT_NE(second.find("--after-cursor=s=7;i=1"), std::string::npos) << second;
}

}  // namespace
}  // namespace phantom::intake::test
