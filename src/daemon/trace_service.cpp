#include "daemon/trace_service.h"

#include <algorithm>
#include <iterator>

#include <pthread.h>

#include "base/log.h"
#include "courier/post.h"

namespace phantom::daemon {

namespace {

constexpr const char* kTraceFile = "traces";
constexpr std::string_view kNoTraces = "off";
constexpr Duration kTracePatience = std::chrono::seconds(1);

}  // namespace

bool is_trace_place(std::string_view text) {
    const bool is_url = text.starts_with("http://") || text.starts_with("https://");
    return text == kNoTraces ||
           (is_url && text.size() <= kTracePlaceMax &&
            std::ranges::all_of(text, [](char each) { return each > ' ' && each <= '~'; }));
}

std::string TraceService::wanted_place(const std::optional<std::string>& place) {
    identity::StateDirectory& files = node_.files();
    if (place) {
        const ByteView bytes(reinterpret_cast<const std::uint8_t*>(place->data()), place->size());
        if (!files.write(kTraceFile, bytes)) {
            log::warning("traces: their place is not kept for the next start");
        }
        return *place;
    }
    if (!files.has(kTraceFile)) {
        return std::string(kNoTraces);
    }
    const auto kept = files.read(kTraceFile, kTracePlaceMax);
    if (kept && is_trace_place(kept->text())) {
        return std::string(kept->text());
    }
    log::warning("traces: '{}' of the state directory names no collector", kTraceFile);
    return std::string(kNoTraces);
}

void TraceService::start(const std::optional<std::string>& place) {
    const identity::MemberRecord& self = node_.mesh().self();
    traces_.set_node(self.descriptor.node);
    place_ = wanted_place(place);
    if (place_ == kNoTraces) {
        return;
    }
    source_ = {
        .version = PM_VERSION,
        .node = self.certificate.name.text(),
        .mesh = self.descriptor.mesh.short_text(),
    };
    thread_ = std::thread([this] { run(); });
    (void)pthread_setname_np(thread_.native_handle(), "traces");
    traces_.send_to(&queue_);
    log::info("traces: to {}", place_);
}

void TraceService::stop() {
    traces_.send_to(nullptr);
    if (thread_.joinable()) {
        stopping_.store(true);
        queue_.stop();
        thread_.join();
    }
}

TraceService::Counters TraceService::counters() const {
    return {
        .sent = sent_.load(std::memory_order_relaxed),
        .dropped = queue_.counts().dropped + not_taken_.load(std::memory_order_relaxed),
    };
}

// ---- The sending thread -------------------------------------------------------------------------

void TraceService::run() {
    while (!stopping_.load(std::memory_order_relaxed)) {
        std::vector<metrics::Span> spans = queue_.take(kTracePatience);
        if (spans.empty()) {
            continue;
        }
        const Instant until = monotonic_now() + kTraceGather;
        while (spans.size() < metrics::kSpanBatchMax && monotonic_now() < until &&
               !queue_.is_stopped()) {
            std::vector<metrics::Span> more = queue_.take(until - monotonic_now());
            std::ranges::move(more, std::back_inserter(spans));
        }
        send(spans);
    }
}

void TraceService::send(const std::vector<metrics::Span>& spans) {
    const courier::PostRequest request{
        .url = place_,
        .content_type = "application/json",
        .body = metrics::otlp_json(source_, spans),
    };
    using Kind = courier::Posted::Kind;
    for (int tries = 1;; ++tries) {
        const courier::Posted posted = courier::post(request, stopping_);
        if (posted.kind == Kind::kTaken) {
            sent_.fetch_add(spans.size(), std::memory_order_relaxed);
            said_.clear();
            return;
        }
        if (posted.kind == Kind::kStopped || posted.kind == Kind::kRefused ||
            tries == kTraceTries) {
            not_taken_.fetch_add(spans.size(), std::memory_order_relaxed);
            say(posted.problem);
            return;
        }
        queue_.wait_for_stop(tries * kTracePause);
    }
}

void TraceService::say(const std::string& problem) {
    if (problem != said_ && !stopping_.load(std::memory_order_relaxed)) {
        log::warning("traces: {}: {}; spans are dropped", place_, problem);
        said_ = problem;
    }
}

}  // namespace phantom::daemon
