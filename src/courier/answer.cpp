#include "courier/answer.h"

namespace phantom::courier {

namespace {

Verdict judge_http(int status) {
    constexpr int kRequestTimeout = 408;
    constexpr int kTooEarly = 425;
    constexpr int kTooManyRequests = 429;
    if (status >= 200 && status < 300) {
        return Verdict::kDelivered;
    }
    const bool may_change = status >= 500 || status == kRequestTimeout || status == kTooEarly ||
                            status == kTooManyRequests;
    return may_change ? Verdict::kRetry : Verdict::kRefused;
}

// RFC 5321 section 4.2.1: 4yz may do better later, 5yz will not.
Verdict judge_mail(const Answer& answer) {
    if (answer.is_taken) {
        return Verdict::kDelivered;
    }
    return answer.status >= 500 ? Verdict::kRefused : Verdict::kRetry;
}

}  // namespace

Verdict judge(const Answer& answer) {
    switch (answer.kind) {
        case Answer::Kind::kHttp:
            return answer.is_denied ? Verdict::kRefused : judge_http(answer.status);
        case Answer::Kind::kMail:
            return judge_mail(answer);
        case Answer::Kind::kNoAnswer:
            return Verdict::kRetry;
        case Answer::Kind::kImpossible:
            return Verdict::kRefused;
    }
    return Verdict::kRefused;
}

}  // namespace phantom::courier
