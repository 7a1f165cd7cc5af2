#include "daemon/evidence_service.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/hex.h"
#include "base/log.h"
#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "evidence/system_state.h"
#include "fields/fields.h"
#include "incident/book.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr std::string_view kEvidenceKind = "evidence";
constexpr ::mode_t kEvidenceFolderMode = 0700;

evidence::Collected told(std::string what, std::string collector, std::string content) {
    return {
        .what = std::move(what),
        .collector = std::move(collector),
        .note = {},
        .suffix = "json",
        .content = std::move(content),
        .at = wall_now(),
        .monotonic = monotonic_now(),
    };
}

// This thread, since it began: it could have run, and others did. Zero where the kernel does not say.
Duration waited_for_processor() {
    std::int64_t ran_ns = 0;
    std::int64_t waited_ns = 0;
    std::ifstream("/proc/thread-self/schedstat") >> ran_ns >> waited_ns;
    return Duration(waited_ns);
}

std::uint64_t size_of_folder(const std::filesystem::path& path) {
    std::uint64_t size = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
        size += entry.is_regular_file(error) ? entry.file_size(error) : 0;
    }
    return size;
}

json::object describe_items(const evidence::Folder& folder) {
    json::array items;
    for (const evidence::Item& each : folder.items()) {
        items.push_back(json::object{
            {"file", each.file},
            {"what", each.what},
            {"collector", each.collector},
            {"note", each.note},
            {"at", incident::time_text(each.at)},
            {"size", each.size},
            {"sha256", hex_of(each.sha256)},
        });
    }
    return {{"folder", folder.path().string()}, {"items", std::move(items)}};
}

// Items that do not fit any more are left out: the log says so, and the list has those that are there.
void add_item(evidence::Folder& folder, evidence::Collected collected) {
    const std::string what = collected.what;
    if (const Status added = folder.add(std::move(collected)); !added) {
        log::error("evidence: {}: {}", what, added.error().message());
    }
}

}  // namespace

EvidenceService::EvidenceService(MeshNode& node, AuditService& audit, io::EventLoop& loop)
    : node_(node), audit_(audit), loop_(loop), root_(node.files().path_of("evidence")) {}

EvidenceService::~EvidenceService() {
    if (!thread_.joinable()) {
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wanted_.notify_all();
    thread_.join();
    loop_.remove(told_.fd());
}

void EvidenceService::start() {
    if (::mkdir(root_.c_str(), kEvidenceFolderMode) != 0 && errno != EEXIST) {
        log::error("evidence: {}: {}", root_.string(), std::strerror(errno));
        return;
    }
    if (store::Records* records = audit_.records()) {
        for (const store::Record& each :
             records->all(kEvidenceKind).value_or(std::vector<store::Record>())) {
            boost::system::error_code error;
            const json::value body = json::parse(each.value, error);
            if (!error && body.is_object()) {
                index_[store::number_of_key(each.key)] = body.get_object();
            }
        }
    }
    if (const Status added = loop_.add(told_.fd(), [this] { told_.drain(); }); !added) {
        log::error("evidence: {}", added.error().message());
        return;
    }
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "evidence");
}

std::filesystem::path EvidenceService::folder_of(std::uint64_t incident) const {
    return root_ / fmt::format("incident-{}", incident);
}

bool EvidenceService::collect(Wish wish) {
    if (!thread_.joinable()) {
        return false;
    }
    const identity::NodeKeys& keys = *node_.state().keys;
    if (signer_.key == nullptr || signer_.keys != keys.hash()) {
        signer_ = {std::make_shared<const crypto::SigningKey>(keys.seeds().signing), keys.hash()};
    }
    Job job{
        .wish = std::move(wish),
        .key = signer_.key,
        .manifest =
            {.incident = 0,
             .at = {},
             .items = {},
             .signer = node_.mesh().self(),
             .root = node_.state().membership.root},
        .files = files_to_hash_,
        .asked = monotonic_now(),
    };
    job.manifest.incident = job.wish.incident;
    {
        const std::scoped_lock lock(mutex_);
        if (jobs_.size() == kCollectionsWaitingMax) {
            log::warning("evidence: incident {}: too many collections wait", job.wish.incident);
            return false;
        }
        jobs_.push_back(std::move(job));
    }
    wanted_.notify_one();
    return true;
}

// ---- The collecting thread ----------------------------------------------------------------------

void EvidenceService::run() {
    for (;;) {
        std::unique_lock lock(mutex_);
        wanted_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) {
            return;
        }
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job.waited = waited_for_processor();
        carry_out(job);
    }
}

void EvidenceService::carry_out(const Job& job) {
    auto folder = evidence::Folder::open(folder_of(job.wish.incident));
    if (!folder) {
        refuse(job, folder.error().message());
        return;
    }
    const auto seal = [&](bool is_first) {
        evidence::Manifest manifest = job.manifest;
        manifest.at = wall_now();
        tell(job, folder->seal(std::move(manifest), *job.key), *folder, is_first);
    };
    const evidence::ProcessTable processes = collect_first(job, *folder);
    seal(true);
    collect_rest(job, processes, *folder);
    seal(false);
    keep_room();
}

evidence::ProcessTable EvidenceService::collect_first(const Job& job, evidence::Folder& folder)
    const {
    // Each of these walks a table of the kernel's whose size follows the machine's memory, so two at a time: who runs and
    // what is tracked beside what was sent and who is connected.
    evidence::Collected connections;
    evidence::ProcessTable processes;
    {
        const std::jthread beside([&] {
            connections = evidence::collect_connections();
            processes = evidence::read_processes();
        });
        const auto capture = packets_->capture_of(job.wish.subject);
        add_item(
            folder, {.what = "packets",
                     .collector = "tap, " + job.wish.subject.to_string(),
                     .note = fmt::format("{} packets", capture.count),
                     .suffix = "pcapng",
                     .content = capture.pcapng,
                     .at = wall_now(),
                     .monotonic = monotonic_now()}
        );
        add_item(folder, evidence::collect_sockets());
        add_item(folder, evidence::collect_neighbours());
        add_item(folder, evidence::collect_routes());
    }
    add_item(folder, std::move(connections));
    add_item(folder, evidence::describe_processes(processes));
    add_item(folder, told("events", "the node's alerts and incidents", job.wish.events));
    return processes;
}

void EvidenceService::collect_rest(
    const Job& job, const evidence::ProcessTable& processes, evidence::Folder& folder
) const {
    add_item(folder, evidence::collect_output("firewall", {"nft", "list", "ruleset"}));
    add_item(folder, evidence::collect_output("neighbour-table", {"ip", "-s", "neigh", "show"}));
    add_item(
        folder, evidence::collect_output("route-tables", {"ip", "route", "show", "table", "all"})
    );
    add_item(folder, evidence::collect_output("addresses", {"ip", "-d", "addr", "show"}));
    add_item(folder, evidence::collect_programs(processes));
    std::vector<std::string> files{"/proc/self/exe"};
    files.insert(files.end(), job.files.begin(), job.files.end());
    files.insert(files.end(), job.wish.rule_files.begin(), job.wish.rule_files.end());
    add_item(folder, evidence::collect_file_hashes(files));
    add_item(folder, told("configuration", "the node", job.wish.configuration));
}

void EvidenceService::tell(
    const Job& job, const Result<std::string>& sealed, const evidence::Folder& folder, bool is_first
) {
    if (!sealed) {
        refuse(job, sealed.error().message());
        return;
    }
    const Duration took = monotonic_now() - job.asked;
    const double took_ms = std::chrono::duration<double, std::milli>(took).count();
    Report report{
        .incident = job.wish.incident,
        .text = {},
        .problem = {},
        .index = describe_items(folder),
        .took = took,
        .is_first = is_first,
    };
    report.index["incident"] = job.wish.incident;
    report.index["sealed_at"] = incident::time_text(wall_now());
    report.index["took_ms"] = took_ms;
    report.index["waited_ms"] =
        std::chrono::duration<double, std::milli>(waited_for_processor() - job.waited).count();
    report.index["head"] =
        hex_of(folder.items().empty() ? crypto::Hash{} : folder.items().back().chain);
    report.text = fmt::format(
        "{} items sealed after {:.0f} ms ({}), head {:.16}", folder.items().size(), took_ms,
        job.wish.why, std::string(report.index.at("head").as_string())
    );
    const std::scoped_lock lock(mutex_);
    reports_.push_back(std::move(report));
    told_.signal();
}

void EvidenceService::refuse(const Job& job, const std::string& problem) {
    log::error("evidence: incident {}: {}", job.wish.incident, problem);
    const std::scoped_lock lock(mutex_);
    reports_.push_back(
        {.incident = job.wish.incident,
         .text = "not collected: " + problem,
         .problem = problem,
         .index = {},
         .took = {},
         .is_first = false}
    );
    told_.signal();
}

// The oldest incidents first; their index says that the folder is gone.
void EvidenceService::keep_room() {
    std::map<std::uint64_t, std::uint64_t> sizes;
    std::uint64_t all = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(root_, error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("incident-")) {
            const std::uint64_t number = std::strtoull(name.c_str() + 9, nullptr, 10);
            all += sizes[number] = size_of_folder(entry.path());
        }
    }
    while (sizes.size() > 1 && (sizes.size() > kEvidenceFoldersMax || all > kEvidenceBytesMax)) {
        const auto oldest = sizes.begin();
        log::warning("evidence: that of incident {} makes room", oldest->first);
        std::filesystem::remove_all(folder_of(oldest->first), error);
        all -= oldest->second;
        sizes.erase(oldest);
    }
}

// ---- The control thread ---------------------------------------------------------------------------

std::vector<EvidenceService::Report> EvidenceService::take_reports() {
    std::vector<Report> reports;
    {
        const std::scoped_lock lock(mutex_);
        reports = std::exchange(reports_, {});
    }
    for (const Report& each : reports) {
        save_index(each);
        audit_.tell(
            {.who = "node",
             .origin = "evidence",
             .what = "evidence",
             .target = fmt::format("incident {}", each.incident),
             .why = each.text,
             .outcome = each.problem.empty() ? "done" : "failed"}
        );
    }
    return reports;
}

void EvidenceService::save_index(const Report& report) {
    if (!report.problem.empty()) {
        return;
    }
    json::object& index = index_[report.incident];
    // The first look is what the incident was opened with.
    const json::value first_ms =
        index.contains("first_ms") ? index.at("first_ms") : report.index.at("took_ms");
    const json::value first_waited_ms = index.contains("first_waited_ms")
                                            ? index.at("first_waited_ms")
                                            : report.index.at("waited_ms");
    index = report.index;
    index["first_ms"] = first_ms;
    index["first_waited_ms"] = first_waited_ms;
    const std::array put{store::Record{store::number_key(report.incident), json::serialize(index)}};
    // Below this nothing is known of the incidents any more.
    std::vector<std::uint64_t> gone;
    while (index_.size() > incident::kIncidentsMax) {
        gone.push_back(index_.begin()->first);
        index_.erase(index_.begin());
    }
    if (store::Records* records = audit_.records()) {
        if (const Status kept = records->change(kEvidenceKind, put, store::number_keys(gone));
            !kept) {
            log::error("evidence: {}", kept.error().message());
        }
    }
}

const json::object* EvidenceService::index_of(std::uint64_t incident) const {
    const auto found = index_.find(incident);
    return found == index_.end() ? nullptr : &found->second;
}

json::object EvidenceService::show(const json::object& request) const {
    const auto number = static_cast<std::uint64_t>(fields::number_at(request, "number", 0));
    if (number != 0 && !index_.contains(number)) {
        return control_error(
            "not_found", fmt::format(
                             "there is no evidence of incident {0}; 'phantom evidence collect {0}' "
                             "takes what is there now",
                             number
                         )
        );
    }
    json::array all;
    for (const auto& [incident, index] : index_) {
        if (number == 0 || incident == number) {
            all.push_back(index);
        }
    }
    return {
        {"schema", "phantom.evidence_list/1"},
        {"mesh", node_.mesh().self().descriptor.mesh.to_string()},
        {"evidence", std::move(all)},
    };
}

}  // namespace phantom::daemon
