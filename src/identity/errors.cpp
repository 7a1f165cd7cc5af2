#include "identity/errors.h"

namespace phantom::identity {

namespace {

// NOLINTNEXTLINE(readability-function-size): a table of what each error is in words
const char* describe(std::uint16_t code) {
    switch (static_cast<IdentityError>(code)) {
        case IdentityError::kBadLabel:
            return "not a name: 1 to 63 of a-z, 0-9 and '-', with no '-' at either end";
        case IdentityError::kBadId:
            return "not an identity: 64 hexadecimal digits, lower case";
        case IdentityError::kMalformed:
            return "not encoded as it should be";
        case IdentityError::kUnsupportedVersion:
            return "made by another version of the program";
        case IdentityError::kNotCanonical:
            return "a list is out of order or repeats itself";
        case IdentityError::kTooMany:
            return "more entries than the list may hold";
        case IdentityError::kTooLarge:
            return "larger than it may be";
        case IdentityError::kBadSignature:
            return "the signature is not by the key it should be by";
        case IdentityError::kWrongMesh:
            return "belongs to another mesh";
        case IdentityError::kWrongNode:
            return "belongs to another node";
        case IdentityError::kNotYetValid:
            return "not valid yet (is the clock right?)";
        case IdentityError::kExpired:
            return "has expired";
        case IdentityError::kBadLifetime:
            return "ends before it begins, or lives longer than allowed";
        case IdentityError::kBadGeneration:
            return "the node has changed its keys more often than it can";
        case IdentityError::kBadEndpoint:
            return "an endpoint nobody could send to";
        case IdentityError::kBadOverlayAddress:
            return "the overlay address is not a private IPv4 address";
        case IdentityError::kContradiction:
            return "the node claims another name, address, tags or keys than it was given";
        case IdentityError::kRevoked:
            return "the node has been revoked";
        case IdentityError::kNotAToken:
            return "this is not a join token (one begins with phantom1)";
        case IdentityError::kTokenAltered:
            return "the token was altered or cut; copy it again, whole";
        case IdentityError::kTokenSpent:
            return "the token has been used as often as it may";
        case IdentityError::kTokenUnknown:
            return "no such token was issued here, or it was withdrawn";
        case IdentityError::kBadSplit:
            return "the root is split into 2 to 16 shares, of which 2 at least and all at most "
                   "restore it (with a threshold of 1 each share would be the key itself)";
        case IdentityError::kNotAShare:
            return "this is not a share of a root (one begins with pmshare1-)";
        case IdentityError::kShareDamaged:
            return "the share was altered or cut; copy it again, whole";
        case IdentityError::kShareOfOtherSplit:
            return "of another split than the shares before it; they restore nothing together";
        case IdentityError::kShareRepeated:
            return "this share was given already; another one is needed";
        case IdentityError::kTooFewShares:
            return "too few shares of the root";
        case IdentityError::kSharesDoNotRestore:
            return "together these shares do not restore the root's key: one of them is forged";
        case IdentityError::kStateDirectory:
            return "cannot use the state directory";
        case IdentityError::kStateInUse:
            return "another process uses the state directory";
        case IdentityError::kStateMissing:
            return "the file does not exist";
        case IdentityError::kStateExists:
            return "the file exists already and is not replaced";
        case IdentityError::kStateOpen:
            return "cannot open the file";
        case IdentityError::kStateRead:
            return "cannot read the file";
        case IdentityError::kStateWrite:
            return "cannot write the file";
        case IdentityError::kStateNotAFile:
            return "not a regular file";
        case IdentityError::kStateOwner:
            return "owned by another user";
        case IdentityError::kStateMode:
            return "open to other users";
        case IdentityError::kStateDamaged:
            return "the file is damaged";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"identity", describe};

}  // namespace

const ErrorDomain& error_domain(IdentityError /*code*/) {
    return kDomain;
}

}  // namespace phantom::identity
