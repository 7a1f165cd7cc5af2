#include "metrics/writer.h"

#include <cmath>
#include <iterator>

#include "base/assert.h"

namespace phantom::metrics {

namespace {

void append(fmt::memory_buffer& out, std::string_view text) {
    out.append(text.data(), text.data() + text.size());
}

// OpenMetrics section 3.2.1: backslash, line feed, and (but in Prometheus' HELP) the quotation mark.
void append_escaped(fmt::memory_buffer& out, std::string_view text, bool quotes) {
    if (text.find_first_of("\\\n\"") == std::string_view::npos) {
        append(out, text);
        return;
    }
    for (const char each : text) {
        if (each == '\\') {
            append(out, "\\\\");
        } else if (each == '\n') {
            append(out, "\\n");
        } else if (each == '"' && quotes) {
            append(out, "\\\"");
        } else {
            out.push_back(each);
        }
    }
}

void append_number(fmt::memory_buffer& out, double value) {
    if (std::isnan(value)) {
        append(out, "NaN");
    } else if (std::isinf(value)) {
        append(out, value > 0 ? "+Inf" : "-Inf");
    } else {
        fmt::format_to(std::back_inserter(out), "{}", value);
    }
}

double seconds_of(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

// "0.001", "1.0": always with a point, so that one bound has one name.
std::string bound_text(Duration bound) {
    std::string text = fmt::format("{}", seconds_of(bound));
    if (text.find_first_of(".e") == std::string::npos) {
        text += ".0";
    }
    return text;
}

std::string_view suffix_of(Type type) {
    switch (type) {
        case Type::kCounter:
            return "_total";
        case Type::kInfo:
            return "_info";
        case Type::kGauge:
        case Type::kHistogram:
            break;
    }
    return "";
}

}  // namespace

std::string_view name_of(Type type) {
    switch (type) {
        case Type::kCounter:
            return "counter";
        case Type::kGauge:
            return "gauge";
        case Type::kHistogram:
            return "histogram";
        case Type::kInfo:
            return "info";
    }
    return "";
}

std::string series_name(const Family& family) {
    return std::string(family.name).append(suffix_of(family.type));
}

const char* content_type(Format format) {
    return format == Format::kOpenMetrics
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

Format format_for(std::string_view accept) {
    const bool wants_text = accept.find("text/plain") != std::string_view::npos;
    const bool wants_open = accept.find("application/openmetrics-text") != std::string_view::npos;
    return wants_text && !wants_open ? Format::kPrometheus : Format::kOpenMetrics;
}

void Writer::begin(const Family& family) {
    end_family();
    PM_ASSERT(std::ranges::find(written_, &family) == written_.end());
    written_.push_back(&family);
    family_ = &family;
    suffix_ = suffix_of(family.type);
    series_ = 0;
    const bool is_open = format_ == Format::kOpenMetrics;
    // Prometheus' text knows no info, and names a counter with its suffix.
    const std::string_view type =
        !is_open && family.type == Type::kInfo ? "gauge" : name_of(family.type);
    const std::string_view suffix = is_open ? std::string_view() : suffix_;
    auto out = std::back_inserter(out_);
    fmt::format_to(out, "# TYPE {}{} {}\n", family.name, suffix, type);
    if (is_open && !family.unit.empty()) {
        fmt::format_to(out, "# UNIT {} {}\n", family.name, family.unit);
    }
    fmt::format_to(out, "# HELP {}{} ", family.name, suffix);
    append_escaped(out_, family.help, is_open);
    out_.push_back('\n');
}

void Writer::end_family() {
    if (has_other_) {
        PM_ASSERT(family_ != nullptr);
        has_other_ = false;
        append(out_, family_->name);
        append(out_, suffix_);
        out_.push_back('{');
        for (std::size_t at = 0; at < family_->label_count(); ++at) {
            fmt::format_to(
                std::back_inserter(out_), "{}{}=\"{}\"", at == 0 ? "" : ",", family_->labels[at],
                kOtherLabel
            );
        }
        fmt::format_to(std::back_inserter(out_), "}} {}\n", other_);
        other_ = 0;
    }
    family_ = nullptr;
}

bool Writer::take_room(Labels labels) {
    PM_ASSERT(family_ != nullptr);
    PM_ASSERT(labels.size() == family_->label_count());
    if (series_ < family_->series_max) {
        ++series_;
        return true;
    }
    ++folded_;
    return false;
}

void Writer::append_labels(Labels labels, std::string_view le) {
    if (labels.size() == 0 && le.empty()) {
        return;
    }
    out_.push_back('{');
    std::size_t at = 0;
    for (const std::string_view value : labels) {
        append(out_, at == 0 ? "" : ",");
        append(out_, family_->labels[at++]);
        append(out_, "=\"");
        append_escaped(out_, value, true);
        out_.push_back('"');
    }
    if (!le.empty()) {
        append(out_, at == 0 ? "le=\"" : ",le=\"");
        append(out_, le);
        out_.push_back('"');
    }
    out_.push_back('}');
}

void Writer::begin_line(std::string_view suffix, Labels labels, std::string_view le) {
    append(out_, family_->name);
    append(out_, suffix);
    append_labels(labels, le);
    out_.push_back(' ');
}

void Writer::add_number(Labels labels, std::uint64_t value) {
    PM_ASSERT(family_ != nullptr && family_->type != Type::kHistogram);
    if (!take_room(labels)) {
        if (family_->type == Type::kCounter) {
            other_ += value;
            has_other_ = true;
        }
        return;
    }
    begin_line(suffix_, labels);
    fmt::format_to(std::back_inserter(out_), "{}\n", value);
}

void Writer::add(Labels labels, double value) {
    PM_ASSERT(family_ != nullptr && family_->type != Type::kHistogram);
    // What is counted by peer, feed or input is a whole number.
    PM_ASSERT(family_->type != Type::kCounter || labels.size() == 0);
    if (take_room(labels)) {
        begin_line(suffix_, labels);
        append_number(out_, value);
        out_.push_back('\n');
    }
}

void Writer::add(Labels labels, const Histogram& histogram) {
    PM_ASSERT(family_ != nullptr && family_->type == Type::kHistogram);
    PM_ASSERT(take_room(labels));
    const Histogram::Snapshot seen = histogram.snapshot();
    std::uint64_t below = 0;
    for (std::size_t at = 0; at <= seen.bounds.size(); ++at) {
        below += seen.counts[at];
        begin_line(
            "_bucket", labels, at < seen.bounds.size() ? bound_text(seen.bounds[at]) : "+Inf"
        );
        fmt::format_to(std::back_inserter(out_), "{}\n", below);
    }
    begin_line("_count", labels);
    fmt::format_to(std::back_inserter(out_), "{}\n", seen.count);
    begin_line("_sum", labels);
    append_number(out_, seconds_of(seen.sum));
    out_.push_back('\n');
}

std::string Writer::finish() {
    end_family();
    if (format_ == Format::kOpenMetrics) {
        append(out_, "# EOF\n");
    }
    return fmt::to_string(out_);
}

}  // namespace phantom::metrics
