#include <fstream>

#include <gtest/gtest.h>

#include "base/hex.h"
#include "evidence/evidence_fixture.h"
#include "evidence/file_hash.h"
#include "evidence/packet_ring.h"
#include "evidence/program_output.h"
#include "evidence/system_state.h"

namespace phantom::evidence {
namespace {

std::string content_of_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void put_content(const std::filesystem::path& path, std::string_view content) {
    std::ofstream(path, std::ios::binary) << content;
}

std::string bundle(const std::filesystem::path& path, const Collector& collector) {
    auto folder = Folder::open(path);
    EXPECT_TRUE(folder.has_value());
    EXPECT_TRUE(folder->add(collected("sockets", "tcp 1\n")).has_value());
    EXPECT_TRUE(folder->add(collected("processes", "init\n")).has_value());
    const auto sealed = folder->seal(collector.manifest(), collector.node.keys.signing());
    EXPECT_TRUE(sealed.has_value());
    return *sealed;
}

// ---- The folder ----------------------------------------------------------------------------------

TEST(Evidence, what_was_collected_holds) {
    const Collector collector;
    const TestFolder folder;
    bundle(folder.path(), collector);
    const FolderVerdict verdict = verify_folder(folder.path());
    EXPECT_EQ(verdict.problem, "");
    EXPECT_EQ(verdict.items, 2U);
    EXPECT_EQ(verdict.incident, 7U);
    EXPECT_EQ(verdict.signer, "atlas");
    EXPECT_EQ(verdict.mesh, collector.root.mesh().to_string());
}

// Whether a list holds, as verify_folder() asks before it looks at files.
bool holds(std::string_view text) {
    const auto read = read_manifest(text);
    return read && problem_of(*read).empty();
}

TEST(Evidence, a_flip_of_any_byte_of_any_file_is_found) {
    const Collector collector;
    const TestFolder folder;
    bundle(folder.path(), collector);
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        const std::string content = content_of_file(entry.path());
        const bool is_list = entry.path().filename() == kManifestFile;
        for (std::size_t at = 0; at < content.size(); ++at) {
            std::string flipped = content;
            flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
            if (is_list) {
                ASSERT_FALSE(holds(flipped)) << "at " << at;
                continue;
            }
            put_content(entry.path(), flipped);
            ASSERT_NE(verify_folder(folder.path()).problem, "") << entry.path() << " at " << at;
            put_content(entry.path(), content);
        }
    }
    EXPECT_TRUE(holds(content_of_file(folder.path() / kManifestFile)));
    EXPECT_EQ(verify_folder(folder.path()).problem, "");
}

TEST(Evidence, what_is_missing_added_or_cut_is_found) {
    const Collector collector;
    const TestFolder folder;
    bundle(folder.path(), collector);
    const auto file = folder.path() / "001-sockets.txt";
    const std::string content = content_of_file(file);
    std::filesystem::remove(file);
    EXPECT_EQ(verify_folder(folder.path()).problem, "001-sockets.txt is missing");
    put_content(file, content.substr(1));
    EXPECT_NE(verify_folder(folder.path()).problem, "");
    put_content(file, content);
    put_content(folder.path() / "planted", "x");
    EXPECT_EQ(verify_folder(folder.path()).problem, "planted does not belong here");
    std::filesystem::remove(folder.path() / "planted");
    std::filesystem::remove(file);
    std::filesystem::create_symlink("/etc/hostname", file);
    EXPECT_NE(verify_folder(folder.path()).problem, "") << "a link is no item";
}

TEST(Evidence, who_signs_with_a_mesh_of_his_own_shows_another_mesh) {
    const Collector collector;
    const TestFolder folder;
    bundle(folder.path(), collector);
    auto forged = Folder::open(folder.path());
    ASSERT_TRUE(forged.has_value());
    const identity::TestRoot other(99);
    Manifest manifest = collector.manifest();
    manifest.root = other.key.verify_key();
    ASSERT_TRUE(forged->seal(manifest, collector.node.keys.signing()).has_value());
    EXPECT_NE(verify_folder(folder.path()).problem, "") << "that mesh did not certify the node";
    manifest.signer.descriptor = collector.node.descriptor(other.mesh());
    manifest.signer.certificate = other.certificate(collector.node.keys.first_id());
    ASSERT_TRUE(forged->seal(manifest, collector.node.keys.signing()).has_value());
    const FolderVerdict verdict = verify_folder(folder.path());
    EXPECT_EQ(verdict.problem, "");
    EXPECT_NE(verdict.mesh, collector.root.mesh().to_string()) << "which is why it is compared";
}

TEST(Evidence, goes_on_after_a_restart_and_forgets_what_was_never_signed) {
    const Collector collector;
    const TestFolder folder;
    const std::string before = bundle(folder.path(), collector);
    {
        auto unfinished = Folder::open(folder.path());
        ASSERT_TRUE(unfinished->add(collected("files", "never sealed")).has_value());
    }
    EXPECT_NE(verify_folder(folder.path()).problem, "") << "nobody vouches for it yet";
    auto again = Folder::open(folder.path());
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->items().size(), 2U);
    ASSERT_TRUE(again->add(collected("firewall", "table inet x")).has_value());
    const auto sealed = again->seal(collector.manifest(), collector.node.keys.signing());
    ASSERT_TRUE(sealed.has_value());
    EXPECT_NE(*sealed, before);
    const FolderVerdict verdict = verify_folder(folder.path());
    EXPECT_EQ(verdict.problem, "");
    EXPECT_EQ(verdict.items, 3U);
}

TEST(Evidence, is_bounded) {
    const TestFolder folder;
    auto open = Folder::open(folder.path());
    ASSERT_TRUE(open->add(collected("large", std::string(kItemSizeMax + 1, 'x'))).has_value());
    EXPECT_EQ(open->items().front().size, kItemSizeMax);
    EXPECT_EQ(open->items().front().note, "cut");
    Status added;
    for (std::size_t count = 1; added && count <= kItemsMax; ++count) {
        added = open->add(collected("large", std::string(kItemSizeMax, 'x')));
    }
    ASSERT_FALSE(added.has_value());
    EXPECT_TRUE(added.error().is(EvidenceError::kTooMuch));
}

TEST(EvidenceManifest, is_read_as_it_was_written_and_in_no_other_form) {
    const Collector collector;
    const TestFolder folder;
    const std::string text = bundle(folder.path(), collector);
    const auto read = read_manifest(text);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(problem_of(*read), "");
    EXPECT_EQ(read->manifest.items.size(), 2U);
    for (const std::string& wrong :
         {std::string(), text.substr(1), text + "\n", text.substr(0, text.size() - 1), " " + text,
          std::string("{}\n00\n")}) {
        EXPECT_FALSE(read_manifest(wrong).has_value());
    }
}

// ---- Packets -------------------------------------------------------------------------------------

std::vector<std::uint8_t> udp_packet(std::uint8_t last, std::size_t size) {
    std::vector<std::uint8_t> packet(size);
    packet[0] = 0x45;
    store_be(&packet[2], static_cast<std::uint16_t>(size));
    packet[9] = 17;
    packet[12] = packet[16] = 10;
    packet[15] = last;
    packet[19] = 99;
    return packet;
}

Instant after_s(std::int64_t seconds) {
    return {1'000'000'000'000 + seconds * 1'000'000'000};
}

TEST(PacketRing, gives_the_subjects_packets_of_the_last_minute) {
    PacketRing ring;
    ring.push(PacketDirection::kIn, after_s(0), udp_packet(1, 60));
    ring.push(PacketDirection::kIn, after_s(30), udp_packet(2, 60));
    ring.push(PacketDirection::kOut, after_s(61), udp_packet(1, 60));
    const auto subject = wire::Address::parse("10.0.0.1").value();
    EXPECT_EQ(ring.capture_of(subject, after_s(62), {0}).count, 1U) << "the first is too old";
    EXPECT_EQ(ring.capture_of(subject, after_s(59), {0}).count, 2U);
    EXPECT_EQ(
        ring.capture_of(wire::Address::parse("10.0.0.99").value(), after_s(62), {0}).count, 2U
    );
    EXPECT_EQ(
        ring.capture_of(wire::Address::parse("10.0.0.7").value(), after_s(62), {0}).count, 0U
    );
}

TEST(PacketRing, knows_the_packets_of_ipv6_too) {
    std::vector<std::uint8_t> packet(60);
    packet[0] = 0x60;
    packet[8] = packet[24] = 0xfd;
    packet[23] = 1;
    packet[39] = 2;
    PacketRing ring;
    ring.push(PacketDirection::kIn, after_s(0), packet);
    ring.push(PacketDirection::kIn, after_s(0), {packet.data(), 30});  // no whole header
    for (const char* subject : {"fd00::1", "fd00::2"}) {
        const auto address = wire::Address::parse(subject).value();
        EXPECT_EQ(ring.capture_of(address, after_s(1), {0}).count, 1U) << subject;
    }
    EXPECT_EQ(ring.capture_of(wire::Address::parse("fd00::3").value(), after_s(1), {0}).count, 0U);
}

TEST(PacketRing, shows_the_heads_of_what_is_not_too_old) {
    PacketRing ring;
    ring.push(PacketDirection::kIn, after_s(0), udp_packet(1, 60));
    ring.push(PacketDirection::kIn, after_s(30), udp_packet(2, 1'400));
    ring.push(PacketDirection::kOut, after_s(61), udp_packet(3, 40));
    std::vector<std::pair<std::uint8_t, std::size_t>> seen;
    const auto note = [&](ByteView head) {
        seen.emplace_back(head[15], head.size());
        return true;
    };
    ring.heads(after_s(62), note);
    EXPECT_EQ(seen, (std::vector<std::pair<std::uint8_t, std::size_t>>{{2, kPacketHead}, {3, 40}}));
    seen.clear();
    ring.heads(after_s(62), [&](ByteView head) { return !note(head); });
    EXPECT_EQ(seen.size(), 1U) << "until it is told to stop";
}

TEST(PacketRing, writes_blocks_as_the_format_says) {
    PacketRing ring;
    ring.push(PacketDirection::kIn, after_s(0), udp_packet(1, 61));
    const auto capture =
        ring.capture_of(wire::Address::parse("10.0.0.1").value(), after_s(1), {5'000'000'000});
    const auto& bytes = capture.pcapng;
    const auto word = [&](std::size_t at) {
        return load_le<std::uint32_t>(reinterpret_cast<const std::uint8_t*>(bytes.data()) + at);
    };
    std::size_t at = 0;
    std::vector<std::uint32_t> types;
    while (at < bytes.size()) {
        types.push_back(word(at));
        const std::uint32_t size = word(at + 4);
        ASSERT_EQ(size % 4, 0U);
        ASSERT_EQ(word(at + size - 4), size) << "the length stands at either end";
        at += size;
    }
    EXPECT_EQ(at, bytes.size());
    EXPECT_EQ(types, (std::vector<std::uint32_t>{0x0A0D0D0A, 1, 6}));
    const std::size_t packet = word(4) + word(word(4) + 4);
    EXPECT_EQ(std::uint64_t{word(packet + 12)} << 32U | word(packet + 16), 4'000'000'000U);
    EXPECT_EQ(word(packet + 20), 61U);
    EXPECT_EQ(word(packet + 24), 61U);
}

TEST(PacketRing, is_bounded_and_keeps_the_newest) {
    PacketRing ring;
    const std::size_t count = 3 * kPacketRingSize / kPacketKept;
    for (std::size_t number = 0; number < count; ++number) {
        ring.push(PacketDirection::kIn, after_s(0), udp_packet(number + 1 == count ? 2 : 1, 9'000));
    }
    const auto all = ring.capture_of(wire::Address::parse("10.0.0.99").value(), after_s(0), {0});
    EXPECT_LT(all.pcapng.size(), kPacketRingSize + kPacketRingSize / 8);
    EXPECT_GT(all.count, kPacketRingSize / kPacketKept / 2);
    EXPECT_EQ(ring.capture_of(wire::Address::parse("10.0.0.2").value(), after_s(0), {0}).count, 1U);
}

// ---- The machine ---------------------------------------------------------------------------------

std::string line_of(int pid, const Collected& item) {
    const std::size_t at = item.content.find("\n" + std::to_string(pid) + " ");
    EXPECT_NE(at, std::string::npos) << item.content;
    return at == std::string::npos
               ? ""
               : item.content.substr(at + 1, item.content.find('\n', at + 1) - at);
}

TEST(Processes, this_one_is_listed_with_its_program_its_hash_and_its_descriptors) {
    const ProcessTable table = read_processes();
    const std::string line = line_of(::getpid(), describe_processes(table));
    EXPECT_EQ(std::ranges::count(line, '|'), 1) << line;
    EXPECT_NE(line.find("evidence_test"), std::string::npos) << line;
    const std::string program = line_of(::getpid(), collect_programs(table));
    const auto hash = hash_of_file("/proc/self/exe", kHashedFileMax);
    ASSERT_TRUE(hash.has_value());
    EXPECT_NE(program.find(hex_of(*hash)), std::string::npos) << program;
    EXPECT_NE(program.find("| 0="), std::string::npos) << program;
}

TEST(Processes, one_that_has_ended_or_has_another_s_number_is_not_looked_into) {
    ProcessTable table = read_processes();
    for (Process& each : table.processes) {
        each.start += 1;
    }
    EXPECT_EQ(collect_programs(table).content.find("evidence_test"), std::string::npos);
}

TEST(Processes, what_may_not_be_seen_is_said_and_counted) {
    ProcessTable table;
    table.processes = {
        {.pid = 1, .command = "init", .program = "", .is_kernel = false},
        {.pid = 2, .command = "[kthreadd]", .program = "", .is_kernel = true},
    };
    const Collected item = describe_processes(table);
    EXPECT_NE(item.content.find("init | denied\n"), std::string::npos) << item.content;
    EXPECT_NE(item.content.find("[kthreadd] | -\n"), std::string::npos) << item.content;
    EXPECT_EQ(item.note, "of 1 the program may not be seen (no CAP_SYS_PTRACE)");
}

TEST(Processes, a_name_may_hold_anything) {
    constexpr std::string_view kStat =
        "77 (a) R 1 (\n) S 12 77 77 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 2 3\n";
    Process process;
    ASSERT_TRUE(read_process_stat(kStat, process));
    EXPECT_EQ(process.state, 'S');
    EXPECT_EQ(process.parent, 12);
    EXPECT_EQ(process.start, 4'711U);
    EXPECT_EQ(process.command, "[a) R 1 (?]");
    for (std::size_t size = 0; size < kStat.find("4711"); ++size) {
        EXPECT_FALSE(read_process_stat(kStat.substr(0, size), process)) << size;
    }
}

TEST(SystemState, hashes_files_and_says_which_are_not_there) {
    const TestFolder folder;
    put_content(folder.outer() / "abc", "abc");
    const std::vector<std::string> paths{(folder.outer() / "abc").string(), "/no/such/file"};
    const Collected files = collect_file_hashes(paths);
    // FIPS 180-2, B.1
    EXPECT_NE(
        files.content.find("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 3 "),
        std::string::npos
    ) << files.content;
    EXPECT_NE(files.content.find("- - - - - /no/such/file"), std::string::npos);
}

TEST(SystemState, sockets_and_routes_are_those_of_proc) {
    EXPECT_NE(collect_sockets().content.find("local_address"), std::string::npos);
    EXPECT_NE(collect_routes().content.find("Iface"), std::string::npos);
    EXPECT_NE(collect_neighbours().content.find("# /proc/net/dev"), std::string::npos);
    const Collected connections = collect_connections();
    EXPECT_TRUE(connections.content.starts_with("# there"));
}

TEST(SystemState, has_what_a_program_says_and_why_it_says_no_more) {
    const Collected said = collect_output("greeting", {"echo", "hello", "there"});
    EXPECT_EQ(said.what, "greeting");
    EXPECT_EQ(said.collector, "echo hello there");
    EXPECT_EQ(said.content, "hello there\n");
    EXPECT_EQ(said.note, "");
    EXPECT_EQ(collect_output("nothing", {"false"}).note, "it ended with 1");
}

TEST(ProgramOutput, is_bounded_in_time_and_size) {
    EXPECT_EQ(output_of({"echo", "hello"}, 100, std::chrono::seconds(5)).text, "hello\n");
    const ProgramOutput cut = output_of({"yes"}, 1'000, std::chrono::seconds(5));
    EXPECT_EQ(cut.text.size(), 1'000U);
    EXPECT_EQ(cut.problem, "cut");
    EXPECT_NE(output_of({"sleep", "20"}, 100, std::chrono::milliseconds(50)).problem, "");
    EXPECT_NE(output_of({"false"}, 100, std::chrono::seconds(5)).problem, "");
    EXPECT_NE(output_of({"no-such-program-here"}, 100, std::chrono::seconds(5)).problem, "");
}

}  // namespace
}  // namespace phantom::evidence
