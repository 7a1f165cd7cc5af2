#include "courier/sender.h"

#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "courier/transfer.h"
#include "io/event_loop.h"

namespace phantom::courier {

namespace {

struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

}  // namespace

class Sender::Worker {
  public:
    explicit Worker(const SenderOptions& options) : options_(options) {}
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker();

    [[nodiscard]] Status begin();

    // Any thread.
    [[nodiscard]] Status send(SendId id, Request request);
    [[nodiscard]] std::vector<std::pair<SendId, Answer>> take_answers();
    [[nodiscard]] int answers_fd() const { return answers_there_.fd(); }

  private:
    struct Wish {
        SendId id;
        Request request;
    };

    void run();
    // False: it is time to end.
    [[nodiscard]] bool take_wishes();
    void begin_transfer(Wish wish);
    void end_transfers();
    void tell(SendId id, Answer answer);

    SenderOptions options_;
    std::unique_ptr<CURLM, FreeMulti> multi_;
    io::WakeUp answers_there_;
    // The thread's own.
    std::map<CURL*, std::unique_ptr<Transfer>> transfers_;

    std::mutex mutex_;  // of what follows
    std::vector<Wish> wishes_;
    std::vector<std::pair<SendId, Answer>> answers_;
    std::size_t in_flight_ = 0;
    bool stop_ = false;

    std::thread thread_;
};

Status Sender::Worker::begin() {
    multi_.reset(has_libcurl() ? curl_multi_init() : nullptr);
    if (multi_ == nullptr) {
        return fail(CourierError::kCurl);
    }
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
        return fail(CourierError::kThread);
    }
    return {};
}

Sender::Worker::~Worker() {
    if (thread_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        curl_multi_wakeup(multi_.get());
        thread_.join();
    }
    for (const auto& [handle, transfer] : transfers_) {
        curl_multi_remove_handle(multi_.get(), handle);
    }
    transfers_.clear();
}

Status Sender::Worker::send(SendId id, Request request) {
    {
        const std::lock_guard lock(mutex_);
        if (in_flight_ == kSenderInFlightMax) {
            return fail(CourierError::kTooManyInFlight);
        }
        ++in_flight_;
        wishes_.push_back({id, std::move(request)});
    }
    curl_multi_wakeup(multi_.get());
    return {};
}

std::vector<std::pair<SendId, Answer>> Sender::Worker::take_answers() {
    answers_there_.drain();
    const std::lock_guard lock(mutex_);
    in_flight_ -= answers_.size();
    return std::exchange(answers_, {});
}

void Sender::Worker::run() {
    constexpr int kWaitMaxMs = 60'000;  // woken by wishes before that
    while (take_wishes()) {
        int running = 0;
        curl_multi_perform(multi_.get(), &running);
        end_transfers();
        curl_multi_poll(multi_.get(), nullptr, 0, kWaitMaxMs, nullptr);
    }
}

bool Sender::Worker::take_wishes() {
    std::vector<Wish> wishes;
    {
        const std::lock_guard lock(mutex_);
        if (stop_) {
            return false;
        }
        wishes = std::exchange(wishes_, {});
    }
    for (Wish& wish : wishes) {
        begin_transfer(std::move(wish));
    }
    return true;
}

void Sender::Worker::begin_transfer(Wish wish) {
    auto transfer = Transfer::make(wish.id, std::move(wish.request), options_, wall_now());
    if (transfer == nullptr ||
        curl_multi_add_handle(multi_.get(), transfer->handle()) != CURLM_OK) {
        tell(wish.id, {.kind = Answer::Kind::kNoAnswer, .text = "libcurl cannot begin"});
        return;
    }
    CURL* const handle = transfer->handle();
    transfers_.emplace(handle, std::move(transfer));
}

void Sender::Worker::end_transfers() {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        const auto found = transfers_.find(message->easy_handle);
        const CURLcode outcome = message->data.result;
        curl_multi_remove_handle(multi_.get(), found->first);
        tell(found->second->id(), found->second->answer(outcome));
        transfers_.erase(found);
    }
}

void Sender::Worker::tell(SendId id, Answer answer) {
    {
        const std::lock_guard lock(mutex_);
        answers_.emplace_back(id, std::move(answer));
    }
    answers_there_.signal();
}

Sender::Sender(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
Sender::~Sender() = default;

Result<std::unique_ptr<Sender>> Sender::start(const SenderOptions& options) {
    auto worker = std::make_unique<Worker>(options);
    PM_TRY(worker->begin());
    return std::unique_ptr<Sender>(new Sender(std::move(worker)));
}

Status Sender::send(SendId id, Request request) {
    return worker_->send(id, std::move(request));
}

std::vector<std::pair<SendId, Answer>> Sender::take_answers() {
    return worker_->take_answers();
}

int Sender::answers_fd() const {
    return worker_->answers_fd();
}

}  // namespace phantom::courier
