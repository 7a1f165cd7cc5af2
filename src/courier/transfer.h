#pragma once

// One exchange of libcurl's. Inside this component only; see sender.h.

#include <array>
#include <memory>
#include <string>

#include "courier/easy_handle.h"
#include "courier/sender.h"

namespace phantom::courier {

class Transfer {
  public:
    // Null: libcurl cannot.
    [[nodiscard]] static std::unique_ptr<Transfer> make(
        SendId id, Request request, const SenderOptions& options, WallTime now
    );
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    ~Transfer() = default;

    [[nodiscard]] SendId id() const { return id_; }
    [[nodiscard]] CURL* handle() const { return handle_.get(); }
    [[nodiscard]] Answer answer(CURLcode outcome) const;

  private:
    Transfer(SendId id, Request request) : id_(id), request_(std::move(request)) {}
    void set_up(const SenderOptions& options);
    void set_up(const HttpRequest& request, WallTime now);
    void set_up(const Mail& mail);
    void add_to(HeaderList& list, const std::string& text);

    // Of the easy handle; the first that fails is remembered.
    template <class Value>
    void set(CURLoption option, Value value) {
        is_set_up_ = curl_easy_setopt(handle_.get(), option, value) == CURLE_OK && is_set_up_;
    }

    static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self);
    static std::size_t give_mail(char* buffer, std::size_t size, std::size_t count, void* self);

    SendId id_;
    Request request_;
    bool is_set_up_ = true;
    HeaderList headers_;
    HeaderList recipients_;
    std::array<char, CURL_ERROR_SIZE> error_{};
    std::size_t mail_sent_ = 0;
    std::size_t body_size_ = 0;
    std::string body_;   // the beginning of it
    EasyHandle handle_;  // last: freed first, as it points to the others
};

}  // namespace phantom::courier
