// The sentences the report opens with, from made-up results.
#include <gmock/gmock.h>

#include "report/study.hpp"

namespace stellate::report {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

struct Study {
    laboratory::CohortResults results;
    laboratory::Analysis analysis;

    Study() {
        laboratory::Experiment& e = results.experiment;
        e.primaries.resize(1);
        e.primaries[0].name = "colon", e.primaries[0].title = "Colon";
        e.arms.resize(2);
        e.arms[0].name = "control", e.arms[0].title = "Control";
        e.arms[1].name = "depleted", e.arms[1].title = "Depleted";
        e.analysis.control = "control";
        e.analysis.published.push_back({"depleted", "foci_count", {}, -1, "somebody", {}});
    }
    void add(int published, double low, double high) {
        laboratory::ComparisonRow row;
        row.arm = 1, row.last_day = true;
        row.endpoint = laboratory::every_endpoint_definition().front();
        row.published_sign = published;
        row.comparison.difference = statistics::Effect{0.5 * (low + high), statistics::Interval{low, high}};
        row.agreement = laboratory::agreement_of(published, row.comparison);
        analysis.comparisons.push_back(row);
    }
    std::vector<std::string> verdict() const { return verdict_of(results, analysis); }
};

}  // namespace

TEST(Verdict, CountsDirectionsThatAgreeAndThoseWhoseIntervalExcludesNoDifference) {
    Study study;
    study.add(-1, -3, -1);
    study.add(-1, -3, 1);
    study.add(-1, 1, 3);
    EXPECT_THAT(
        study.verdict(),
        Contains(HasSubstr("over endpoints and primaries: 3. Agreeing: 2 (half would by chance), of which with an "
                           "interval that excludes no difference: 1, and with a Mann-Whitney p below 0.05 after "
                           "Holm's adjustment: 0; opposite: 1.")));
    EXPECT_THAT(study.verdict(), Not(Contains(HasSubstr("reported unchanged"))));
}

TEST(Verdict, DoesNotSayOfAPublishedNullThatItsIntervalExcludesNoDifference) {
    Study study;
    study.add(0, -1, 1);
    study.add(0, 1, 3);
    EXPECT_THAT(
        study.verdict(),
        Contains(HasSubstr("Of 2 endpoints reported unchanged 1 have an interval that includes no difference")));
    EXPECT_THAT(study.verdict(), Not(Contains(HasSubstr("excludes no difference"))));
}

TEST(AttributionTable, IsOnThePageWithTheShareOfEachLoopAndItsInterval) {
    laboratory::Overrides o;
    o.primaries = {"colon"};
    laboratory::CohortResults r;
    r.experiment = laboratory::read_experiment(STELLATE_SOURCE_DIR "/experiments/attribution.toml", o);
    laboratory::Analysis analysis;
    laboratory::AttributionRow row;
    row.loop = "niche";
    row.endpoint = laboratory::every_endpoint_definition().front();
    row.mice = 8;
    row.control = 24.5, row.treated = 14.5, row.control_without = 22.5, row.treated_without = 18.5;
    row.effect = statistics::Effect{-10, statistics::Interval{-12, -8}};
    row.effect_without = statistics::Effect{-4, statistics::Interval{-5, -3}};
    row.share_of_difference = statistics::Effect{0.6, statistics::Interval{0.47, 0.73}};
    analysis.attribution.push_back(row);
    const ReportData data = report_of(r, analysis, {}, {});
    ASSERT_EQ(data.attribution.size(), 1u);
    EXPECT_EQ(data.arms.size(), 2u);  // the arms that serve the table are read in it
    EXPECT_NEAR(*data.attribution[0].share.value, 60, 1e-12);
    const std::string page = render_report(data);
    EXPECT_THAT(page, HasSubstr("Loop switched off"));
    EXPECT_THAT(page, HasSubstr("niche"));
    EXPECT_THAT(page, HasSubstr("60.0 (47.0 to 73.0)"));
}

}  // namespace stellate::report
