#include "courier/transfer.h"

#include <algorithm>

#include <fmt/format.h>

#include "courier/signature.h"

namespace phantom::courier {

namespace {

constexpr std::size_t kShownBodyMax = 256;
constexpr const char* kImplicitTlsPort = ":465";

std::string printable_part(std::string_view text) {
    std::string shown;
    for (const char each : text.substr(0, kShownBodyMax)) {
        shown += each >= ' ' && each <= '~' ? each : ' ';
    }
    return shown;
}

// Whatever else fails may work later: a name that is not found, a connection that is reset.
bool is_impossible(CURLcode outcome) {
    return outcome == CURLE_URL_MALFORMAT || outcome == CURLE_UNSUPPORTED_PROTOCOL;
}

}  // namespace

std::unique_ptr<Transfer> Transfer::make(
    SendId id, Request request, const SenderOptions& options, WallTime now
) {
    std::unique_ptr<Transfer> made(new Transfer(id, std::move(request)));
    made->handle_.reset(curl_easy_init());
    if (made->handle_ == nullptr) {
        return nullptr;
    }
    made->set_up(options);
    if (const auto* const mail = std::get_if<Mail>(&made->request_)) {
        made->set_up(*mail);
    } else {
        made->set_up(std::get<HttpRequest>(made->request_), now);
    }
    return made->is_set_up_ ? std::move(made) : nullptr;
}

void Transfer::set_up(const SenderOptions& options) {
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_ERRORBUFFER, error_.data());
    EasyOptions ours(handle_.get());
    ours.set_ours();
    is_set_up_ = is_set_up_ && ours.is_good();
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
}

void Transfer::set_up(const HttpRequest& request, WallTime now) {
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.c_str());
    add_to(headers_, "Expect:");
    for (const Header& header : request.headers) {
        add_to(headers_, header.name + ": " + header.value);
    }
    if (!request.signing_key.empty()) {
        for (const Header& header : signature_headers(request.signing_key, request.body, now)) {
            add_to(headers_, header.name + ": " + header.value);
        }
    }
    set(CURLOPT_HTTPHEADER, headers_.get());
    if (!request.user.empty()) {
        set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
        set(CURLOPT_USERNAME, request.user.c_str());
        set(CURLOPT_PASSWORD, request.password.c_str());
    }
    if (!request.ca_file.empty()) {
        set(CURLOPT_CAINFO, request.ca_file.c_str());
    }
}

void Transfer::set_up(const Mail& mail) {
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    const char* const scheme = mail.server.ends_with(kImplicitTlsPort) ? "smtps" : "smtp";
    set(CURLOPT_URL,
        fmt::format(
            "{}://{}/{}", scheme, mail.server, mail.hello.empty() ? "localhost" : mail.hello
        )
            .c_str());
    set(CURLOPT_USE_SSL, static_cast<long>(mail.require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    set(CURLOPT_MAIL_FROM, fmt::format("<{}>", mail.from).c_str());
    add_to(recipients_, fmt::format("<{}>", mail.to));
    set(CURLOPT_MAIL_RCPT, recipients_.get());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &Transfer::give_mail);
    set(CURLOPT_READDATA, static_cast<void*>(this));
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.text.size()));
    if (!mail.user.empty()) {
        set(CURLOPT_USERNAME, mail.user.c_str());
        set(CURLOPT_PASSWORD, mail.password.c_str());
    }
    if (!mail.ca_file.empty()) {
        set(CURLOPT_CAINFO, mail.ca_file.c_str());
    }
}

void Transfer::add_to(HeaderList& list, const std::string& text) {
    // libcurl sends what it is given: one line is to stay one.
    if (text.find_first_of("\r\n") != std::string::npos) {
        is_set_up_ = false;
        return;
    }
    curl_slist* const longer = curl_slist_append(list.get(), text.c_str());
    if (longer == nullptr) {
        is_set_up_ = false;
        return;
    }
    // Appending gives the list's head back, and only the first time another one.
    static_cast<void>(list.release());
    list.reset(longer);
}

std::size_t Transfer::take_body(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto* const transfer = static_cast<Transfer*>(self);
    const std::size_t length = size * count;
    transfer->body_size_ += length;
    const std::size_t room = kShownBodyMax - std::min(kShownBodyMax, transfer->body_.size());
    transfer->body_.append(bytes, std::min(room, length));
    return transfer->body_size_ > kAnswerBodyMax ? 0 : length;  // 0: libcurl hangs up
}

std::size_t Transfer::give_mail(char* buffer, std::size_t size, std::size_t count, void* self) {
    auto* const transfer = static_cast<Transfer*>(self);
    const std::string& text = std::get<Mail>(transfer->request_).text;
    const std::size_t length = std::min(size * count, text.size() - transfer->mail_sent_);
    text.copy(buffer, length, transfer->mail_sent_);
    transfer->mail_sent_ += length;
    return length;
}

Answer Transfer::answer(CURLcode outcome) const {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_off_t retry_after_s = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RETRY_AFTER, &retry_after_s);
    constexpr curl_off_t kRetryAfterMaxS = 86'400;

    Answer answer;
    answer.status = static_cast<int>(status);
    answer.retry_after =
        std::chrono::seconds(std::clamp(retry_after_s, curl_off_t{0}, kRetryAfterMaxS));
    const std::string reason =
        printable_part(error_.front() != '\0' ? error_.data() : curl_easy_strerror(outcome));
    if (is_impossible(outcome)) {
        answer.kind = Answer::Kind::kImpossible;
        answer.text = reason;
    } else if (std::holds_alternative<Mail>(request_)) {
        answer.kind = status != 0 ? Answer::Kind::kMail : Answer::Kind::kNoAnswer;
        answer.is_taken = outcome == CURLE_OK;
        answer.text =
            answer.is_taken ? fmt::format("{}", status) : fmt::format("{} {}", status, reason);
    } else if (outcome == CURLE_OK) {
        answer.kind = Answer::Kind::kHttp;
        answer.text = fmt::format("{} {}", status, printable_part(body_));
        const std::string& expected = std::get<HttpRequest>(request_).expected;
        answer.is_denied = judge(answer) == Verdict::kDelivered && !body_.contains(expected);
    } else {
        answer.kind = Answer::Kind::kNoAnswer;
        answer.text = reason;
    }
    return answer;
}

}  // namespace phantom::courier
