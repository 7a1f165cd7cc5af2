#include "daemon/playbook_runner.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <fmt/format.h>
#include <pthread.h>

#include "base/log.h"
#include "evidence/program_output.h"
#include "fields/fields.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

std::vector<std::string> words_in(std::string_view text) {
    std::istringstream stream{std::string(text)};
    return {std::istream_iterator<std::string>(stream), {}};
}

std::optional<std::int64_t> whole_number(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

std::optional<json::object> numbered(const char* verb, const std::vector<std::string>& words) {
    const auto number = words.size() == 2 ? whole_number(words[1]) : std::nullopt;
    return number ? std::optional(json::object{{"verb", verb}, {"number", *number}}) : std::nullopt;
}

constexpr std::int64_t kSecondsOtherwise = 3'600;

// The word at `place`, if there is one and no more: a number of seconds.
std::optional<std::int64_t> seconds_of(const std::vector<std::string>& words, std::size_t place) {
    const auto seconds =
        words.size() > place ? whole_number(words[place]) : std::optional(kSecondsOtherwise);
    const bool is_right =
        words.size() >= place && words.size() <= place + 1 && seconds.value_or(0) >= 1;
    return is_right ? seconds : std::nullopt;
}

// The action is one of the incident's.
std::optional<json::object> block_request(
    const std::vector<std::string>& words, std::uint64_t incident
) {
    const auto seconds = seconds_of(words, 2);
    if (!seconds) {
        return std::nullopt;
    }
    return json::object{
        {"verb", "block"},      {"address", words[1]},  {"for_s", *seconds},
        {"reason", "playbook"}, {"incident", incident},
    };
}

std::optional<json::object> act_request(
    const std::vector<std::string>& words, std::uint64_t incident
) {
    const auto seconds = seconds_of(words, 3);
    if (!seconds) {
        return std::nullopt;
    }
    return json::object{
        {"verb", "act"},     {"executor", words[1]}, {"target", words[2]},
        {"for_s", *seconds}, {"reason", "playbook"}, {"incident", incident},
    };
}

// What stands at the top of an answer, as texts.
std::map<std::string, std::string> fields_of(const json::object& answer) {
    std::map<std::string, std::string> fields;
    for (const auto& member : answer) {
        if (member.value().is_string()) {
            fields[std::string(member.key())] = member.value().get_string();
        } else if (member.value().is_number() || member.value().is_bool()) {
            fields[std::string(member.key())] = json::serialize(member.value());
        }
    }
    return fields;
}

struct HttpCall {
    std::string method;
    std::string url;
};

// "POST /path HTTP/1.1" against a target: its url, or a name or address with its port.
std::optional<HttpCall> call_of(const playbook::Order& order) {
    const std::vector<std::string> words = words_in(order.command.command);
    if (words.size() < 2) {
        return std::nullopt;
    }
    const auto& addresses = order.target.addresses;
    const auto first = [&](const char* kind) {
        const auto found = addresses.find(kind);
        return found == addresses.end() || found->second.empty() ? std::string()
                                                                 : found->second.front();
    };
    std::string base = first("url");
    if (base.empty()) {
        const std::string v6 = first("ipv6");
        std::string host = first("dname").empty() ? first("ipv4") : first("dname");
        host = host.empty() && !v6.empty() ? "[" + v6 + "]" : host;
        if (host.empty()) {
            return std::nullopt;
        }
        const std::string& port = order.target.port;
        base = (port == "443" ? "https://" : "http://") + host + (port.empty() ? "" : ":" + port);
    }
    while (base.ends_with('/')) {
        base.pop_back();
    }
    return HttpCall{words[0], base + (words[1].starts_with('/') ? "" : "/") + words[1]};
}

}  // namespace

std::optional<json::object> own_command(std::string_view command, std::uint64_t incident) {
    const std::vector<std::string> words = words_in(command);
    if (words.empty()) {
        return std::nullopt;
    }
    const std::string& verb = words.front();
    if (verb == "block") {
        return block_request(words, incident);
    }
    if (verb == "act") {
        return act_request(words, incident);
    }
    if (verb == "undo" || verb == "ack") {
        return numbered(verb.c_str(), words);
    }
    if (verb == "note" && words.size() > 1) {
        return json::object{
            {"verb", "incident.note"},
            {"number", incident},
            {"text", command.substr(command.find(words[1], 4))}
        };
    }
    if (verb == "defence" && words.size() == 2) {
        return json::object{{"verb", "defence"}, {"mode", words[1]}};
    }
    if (words.size() > 1) {
        return std::nullopt;
    }
    if (verb == "evidence") {
        return json::object{{"verb", "evidence.collect"}, {"number", incident}};
    }
    if (verb == "close") {
        return json::object{{"verb", "incident.close"}, {"number", incident}};
    }
    return verb == "actions" ? std::optional(json::object{{"verb", "actions"}}) : std::nullopt;
}

PlaybookRunner::PlaybookRunner(Ask ask, io::EventLoop& loop) : ask_(std::move(ask)), loop_(loop) {
    if (const Status added = loop_.add(told_.fd(), [this] { told_.drain(); }); !added) {
        log::error("playbooks: {}", added.error().message());
    }
}

PlaybookRunner::~PlaybookRunner() {
    loop_.remove(told_.fd());
    if (sender_ != nullptr) {
        loop_.remove(sender_->answers_fd());
    }
    if (thread_.joinable()) {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
        }
        wanted_.notify_all();
        thread_.join();
    }
}

void PlaybookRunner::answer(
    Ticket ticket, bool is_done, std::string text, std::map<std::string, std::string> fields
) {
    const std::scoped_lock lock(mutex_);
    done_.push_back(
        {ticket, {.is_done = is_done, .text = std::move(text), .fields = std::move(fields)}}
    );
    told_.signal();
}

std::vector<PlaybookRunner::Done> PlaybookRunner::take_done() {
    take_answers();
    const std::scoped_lock lock(mutex_);
    return std::exchange(done_, {});
}

void PlaybookRunner::carry_out(
    Ticket ticket, const playbook::Order& order, const Context& context
) {
    const std::string& type = order.command.type;
    if (type == "manual" || type == "playbook") {
        return;
    }
    if (type == "phantommesh") {
        run_own(ticket, order.command.command, context);
    } else if (type == "http-api" || type == "openc2-http") {
        send_http(ticket, order);
    } else if (type == "bash") {
        run_bash(ticket, order);
    } else {
        answer(ticket, false, "nobody here runs commands of the type '" + type + "'");
    }
}

void PlaybookRunner::run_own(Ticket ticket, const std::string& command, const Context& context) {
    const auto request = own_command(command, context.incident);
    if (!request) {
        answer(ticket, false, "there is no such command: " + command);
        return;
    }
    const json::object said =
        ask_(*request, fmt::format("playbook {}, run {}", context.playbook, ticket.run));
    const json::value* error = said.if_contains("error");
    if (error != nullptr && error->is_object()) {
        answer(ticket, false, fields::text_at(error->get_object(), "message"));
        return;
    }
    answer(ticket, true, json::serialize(said), fields_of(said));
}

// ---- HTTP -----------------------------------------------------------------------------------------------

void PlaybookRunner::send_http(Ticket ticket, const playbook::Order& order) {
    const auto call = call_of(order);
    if (!call) {
        answer(ticket, false, "a method and a path, and a target with an address are needed");
        return;
    }
    if (sender_ == nullptr) {
        auto sender = courier::Sender::start({});
        if (!sender || !loop_.add((*sender)->answers_fd(), [] {})) {
            answer(ticket, false, "HTTP cannot be spoken");
            return;
        }
        sender_ = std::move(*sender);
    }
    if (call->method != "POST") {
        answer(ticket, false, "only POST is carried out, not " + call->method);
        return;
    }
    courier::HttpRequest request;
    request.url = call->url;
    request.body = order.command.content;
    for (const auto& [name, value] : order.command.headers) {
        request.headers.push_back({name, value});
    }
    if (order.command.type == "openc2-http" && order.command.headers.empty()) {
        request.headers.push_back({"Content-Type", "application/openc2+json;version=1.0"});
    }
    const courier::SendId id = next_send_++;
    if (const Status sent = sender_->send(id, std::move(request)); !sent) {
        answer(ticket, false, sent.error().message());
        return;
    }
    sent_[id] = ticket;
}

void PlaybookRunner::take_answers() {
    if (sender_ == nullptr) {
        return;
    }
    for (const auto& [id, said] : sender_->take_answers()) {
        const auto ticket = sent_.find(id);
        if (ticket == sent_.end()) {
            continue;
        }
        const bool is_done =
            said.kind == courier::Answer::Kind::kHttp && said.status >= 200 && said.status < 300;
        answer(ticket->second, is_done, said.text, {{"status", std::to_string(said.status)}});
        sent_.erase(ticket);
    }
}

// ---- bash -----------------------------------------------------------------------------------------------

void PlaybookRunner::run_bash(Ticket ticket, const playbook::Order& order) {
    if (!allows_bash_) {
        answer(ticket, false, "bash is not allowed here: \"bash\" in handling.json allows it");
        return;
    }
    const std::scoped_lock lock(mutex_);
    if (programs_.size() == kProgramsWaitingMax) {
        done_.push_back({ticket, {.is_done = false, .text = "too many programs wait", .fields = {}}}
        );
        return;
    }
    const Duration left(order.until.ns - wall_now().ns);
    programs_.push_back(
        {ticket, order.command.command, std::clamp(left, Duration(0), kProgramTimeMax)}
    );
    if (!thread_.joinable()) {
        thread_ = std::thread([this] { run_programs(); });
        pthread_setname_np(thread_.native_handle(), "playbooks");
    }
    wanted_.notify_one();
}

void PlaybookRunner::run_programs() {
    for (;;) {
        std::unique_lock lock(mutex_);
        wanted_.wait(lock, [this] { return stopping_ || !programs_.empty(); });
        if (stopping_) {
            return;
        }
        const Program program = std::move(programs_.front());
        programs_.pop_front();
        lock.unlock();
        const evidence::ProgramOutput output = evidence::output_of(
            {"bash", "--noprofile", "--norc", "-c", program.script}, kProgramOutputMax,
            program.patience
        );
        const bool is_done = output.problem.empty();
        answer(
            program.ticket, is_done, is_done ? output.text : output.problem + ": " + output.text
        );
    }
}

}  // namespace phantom::daemon
