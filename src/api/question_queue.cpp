#include "api/question_queue.h"

#include <algorithm>
#include <utility>

namespace phantom::api {

bool QuestionQueue::ask(Question question) {
    bool was_empty = false;
    {
        const std::lock_guard lock(mutex_);
        const auto same = std::ranges::find_if(questions_, [&](const Question& each) {
            return !question.key.empty() && each.key == question.key &&
                   each.tickets.size() + question.tickets.size() <= kTicketsMax;
        });
        if (same != questions_.end()) {
            same->tickets.insert(
                same->tickets.end(), question.tickets.begin(), question.tickets.end()
            );
            same->deadline = std::max(same->deadline, question.deadline);
            return true;
        }
        if (questions_.size() == kQuestionsMax) {
            return false;
        }
        was_empty = questions_.empty();
        questions_.push_back(std::move(question));
    }
    if (was_empty) {
        wake_();
    }
    return true;
}

void QuestionQueue::report(GuessReport report) {
    {
        const std::lock_guard lock(mutex_);
        if (reports_.size() == kReportsMax) {
            return;
        }
        reports_.push_back(std::move(report));
    }
    wake_();
}

void QuestionQueue::keep_sessions(std::string text) {
    {
        const std::lock_guard lock(mutex_);
        sessions_ = std::move(text);
    }
    wake_();
}

std::vector<Question> QuestionQueue::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(questions_, {});
}

std::vector<GuessReport> QuestionQueue::take_reports() {
    const std::lock_guard lock(mutex_);
    return std::exchange(reports_, {});
}

std::optional<std::string> QuestionQueue::take_sessions() {
    const std::lock_guard lock(mutex_);
    return std::exchange(sessions_, std::nullopt);
}

}  // namespace phantom::api
