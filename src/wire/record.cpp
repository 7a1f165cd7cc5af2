#include "wire/record.h"

namespace phantom::wire {

MutableBytes RecordWriter::take(std::size_t size) {
    if (!ok_ || size > out_.size() - size_) {
        ok_ = false;
        return {};
    }
    const MutableBytes place = out_.subspan(size_, size);
    size_ += size;
    return place;
}

void RecordWriter::bytes(ByteView value) {
    const MutableBytes place = take(value.size());
    std::ranges::copy(value.first(place.size()), place.begin());
}

void RecordWriter::sized_bytes(ByteView value) {
    if (value.size() > kSizedFieldMax) {
        ok_ = false;
        return;
    }
    u16(static_cast<std::uint16_t>(value.size()));
    bytes(value);
}

void RecordWriter::text(std::string_view value) {
    sized_bytes({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
}

Result<ByteView> RecordWriter::finish() const {
    if (!ok_) {
        return fail(WireError::kTooLong);
    }
    return written();
}

ByteView RecordReader::bytes(std::size_t size) {
    if (!ok_ || size > rest_.size()) {
        reject();
        return {};
    }
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
}

ByteView RecordReader::sized_bytes(std::size_t size_max) {
    const std::size_t size = u16();
    if (size > size_max) {
        reject();
        return {};
    }
    return bytes(size);
}

std::string_view RecordReader::text(std::size_t size_max) {
    const ByteView taken = sized_bytes(size_max);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
}

void RecordReader::reject() {
    ok_ = false;
    rest_ = {};
}

Status RecordReader::finish() const {
    if (!ok_) {
        return fail(WireError::kBadRecord);
    }
    if (!rest_.empty()) {
        return fail(WireError::kTrailingBytes, static_cast<std::uint32_t>(rest_.size()));
    }
    return {};
}

}  // namespace phantom::wire
