#include "metrics/span.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "base/json_text.h"

namespace phantom::metrics {

namespace {

constexpr const char* kScope = "phantommesh";

void append_attribute(std::string& out, std::string_view key, const auto& append_value) {
    out += "{\"key\":";
    append_json_text(out, key);
    out += ",\"value\":{";
    append_value();
    out += "}}";
}

void append_text_attribute(std::string& out, std::string_view key, std::string_view text) {
    append_attribute(out, key, [&] {
        out += "\"stringValue\":";
        append_json_text(out, text.substr(0, kAttributeSizeMax));
    });
}

void append(std::string& out, const Attribute& attribute) {
    if (const auto* text = std::get_if<std::string>(&attribute.value)) {
        append_text_attribute(out, attribute.key, *text);
        return;
    }
    append_attribute(out, attribute.key, [&] {
        auto to = std::back_inserter(out);
        if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) {
            fmt::format_to(to, "\"intValue\":\"{}\"", *number);
        } else if (const auto* real = std::get_if<double>(&attribute.value)) {
            // JSON knows no infinity.
            fmt::format_to(to, "\"doubleValue\":{}", std::isfinite(*real) ? *real : 0.0);
        } else {
            fmt::format_to(to, "\"boolValue\":{}", std::get<bool>(attribute.value));
        }
    });
}

void append(std::string& out, const Span& span) {
    auto to = std::back_inserter(out);
    fmt::format_to(
        to, "{{\"traceId\":\"{}\",\"spanId\":\"{}\",", span.trace.to_string(), span.id.to_string()
    );
    if (!span.parent.is_none()) {
        fmt::format_to(to, "\"parentSpanId\":\"{}\",", span.parent.to_string());
    }
    out += "\"name\":";
    append_json_text(out, span.name);
    fmt::format_to(
        to, ",\"kind\":{},\"startTimeUnixNano\":\"{}\",\"endTimeUnixNano\":\"{}\",\"attributes\":[",
        static_cast<int>(span.kind), span.begin.ns, std::max(span.begin.ns, span.end.ns)
    );
    const std::size_t count = std::min(span.attributes.size(), kAttributesMax);
    for (std::size_t at = 0; at < count; ++at) {
        out += at == 0 ? "" : ",";
        append(out, span.attributes[at]);
    }
    fmt::format_to(to, "],\"status\":{{\"code\":{}}}}}", static_cast<int>(span.outcome));
}

}  // namespace

std::string otlp_json(const SpanSource& source, std::span<const Span> spans) {
    std::string out = "{\"resourceSpans\":[{\"resource\":{\"attributes\":[";
    append_text_attribute(out, "service.name", kScope);
    out += ",";
    append_text_attribute(out, "service.version", source.version);
    out += ",";
    append_text_attribute(out, "service.instance.id", source.node);
    out += ",";
    append_text_attribute(out, "service.namespace", source.mesh);
    out += "]},\"scopeSpans\":[{\"scope\":{\"name\":";
    append_json_text(out, kScope);
    out += ",\"version\":";
    append_json_text(out, source.version);
    out += "},\"spans\":[";
    for (std::size_t at = 0; at < spans.size(); ++at) {
        out += at == 0 ? "" : ",";
        append(out, spans[at]);
    }
    out += "]}]}]}";
    return out;
}

void SpanQueue::put(Span span) {
    {
        const std::scoped_lock lock(mutex_);
        if (spans_.size() == kSpansMax || stopped_) {
            ++counts_.dropped;
            return;
        }
        ++counts_.put;
        spans_.push_back(std::move(span));
    }
    came_.notify_one();
}

std::vector<Span> SpanQueue::take(Duration patience) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, patience, [this] { return stopped_ || !spans_.empty(); });
    const auto end =
        spans_.begin() + static_cast<std::ptrdiff_t>(std::min(spans_.size(), kSpanBatchMax));
    std::vector<Span> taken(std::make_move_iterator(spans_.begin()), std::make_move_iterator(end));
    spans_.erase(spans_.begin(), end);
    return taken;
}

void SpanQueue::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
    }
    came_.notify_all();
}

bool SpanQueue::is_stopped() const {
    const std::scoped_lock lock(mutex_);
    return stopped_;
}

void SpanQueue::wait_for_stop(Duration patience) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, patience, [this] { return stopped_; });
}

SpanQueue::Counts SpanQueue::counts() const {
    const std::scoped_lock lock(mutex_);
    return counts_;
}

}  // namespace phantom::metrics
