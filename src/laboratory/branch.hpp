// A run that begins with a life grown before: the state in a checkpoint is lived on to a day under what it was given,
// and from there the arms of another experiment part from it. What an arm changes (records, loops, treatments) acts
// from that day on; an arm that changes nothing ends as the life did from which it branched, to the bit.
//
// The past is what it was: experiments that would have made another animal, or given it something else before that day,
// are refused.
#pragma once

#include <atomic>
#include <filesystem>

#include "laboratory/checkpoints.hpp"

namespace stellate::laboratory {

// What is known of a branch before anything is grown or written.
struct Origin {
    std::filesystem::path checkpoint;  // the folder taken
    CheckpointFacts facts;
    Experiment experiment;     // that it is of
    int primary = 0, arm = 0;  // whose life it is, in that experiment
};

// Reads `e.branch` and makes `e` an experiment of that one animal. The checkpoint may be named by its folder or by that
// of its mouse, then the newest not after the day is taken; `model_roots` as for experiments. Throws InputError.
Origin settle_branch(Experiment& e, const std::vector<std::filesystem::path>& model_roots);

// Lives on to the day of the branch and puts the state into `checkpoints` as where every arm of `e` goes on from.
// Throws RunError, Cancelled, NotKept, InputError if the checkpoint is damaged.
void plant_branch(const Experiment& e, const Origin& origin, Checkpoints& checkpoints, int threads,
                  const std::atomic<int>* cancelled);

}  // namespace stellate::laboratory
