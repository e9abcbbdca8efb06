namespace Interp.Tests.Unit.Tasks;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class InductionTaskTests
{
    private static readonly InductionTask Task = Interp.Tasks.Induction();

    [Fact]
    public void Sequences_EachRow_RepeatsItsSegmentOfDistinctWords()
    {
        var sequences = Task.Sequences(200, seed: 3);
        for (var row = 0; row < 200; row++)
        {
            var (tokens, segment) = (sequences.Input.Rows[row], sequences.Segments[row]);
            tokens.Length.ShouldBe(Task.Length);
            tokens[0].ShouldBe(0);
            tokens.Skip(1).Take(segment).Distinct().Count().ShouldBe(segment);
            tokens.ShouldNotContain(token => token < 0 || token >= InductionTask.Vocabulary.Length);
            for (var i = segment + 1; i < tokens.Length; i++)
                tokens[i].ShouldBe(tokens[i - segment]);
        }
    }

    [Fact]
    public void Sequences_ManyRows_HaveSegmentsOfEveryLength() =>
        Task.Sequences(2000, seed: 0).Segments.Distinct().Count().ShouldBe(Task.LongestSegment - 3);

    [Fact]
    public void Sequences_SameSeed_AreTheSame()
    {
        var (first, second, other) = (Task.Sequences(5, 7), Task.Sequences(5, 7), Task.Sequences(5, 8));
        first.Input.Rows.SelectMany(r => r).ShouldBe(second.Input.Rows.SelectMany(r => r));
        first.Input.Rows.SelectMany(r => r).SequenceEqual(other.Input.Rows.SelectMany(r => r)).ShouldBeFalse();
    }

    [Fact]
    public void Determined_PlacesOfASequence_StartAtTheSecondRepeatedWord()
    {
        var sequences = Task.Sequences(20, seed: 1);
        for (var row = 0; row < 20; row++)
            for (var place = 0; place < Task.Length; place++)
                sequences.Determined(row, place).ShouldBe(place < Task.Length - 1 && place >= sequences.Segments[row] + 1);
    }

    [Fact]
    public void Prompts_EachPair_EndsWithACueWhoseEarlierNeighbourIsTheAnswer()
    {
        var prompts = Task.Prompts(50, seed: 2, segment: 9, repeated: 3);
        for (var row = 0; row < 50; row++)
        {
            AfterEarlierOccurrence(prompts.Clean.Rows[row]).ShouldBe(prompts.Correct[row]);
            AfterEarlierOccurrence(prompts.Corrupted.Rows[row]).ShouldBe(prompts.Incorrect[row]);
            prompts.Clean.Rows[row].Zip(prompts.Corrupted.Rows[row]).Count(p => p.First != p.Second).ShouldBe(2);
            prompts.Clean.Rows[row][^1].ShouldBe(prompts.Corrupted.Rows[row][^1]);
        }
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(47, 2)]
    public void Prompts_SegmentThatDoesNotFit_Throws(int segment, int repeated) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Task.Prompts(1, 0, segment, repeated));

    [Fact]
    public void Tokenizer_WordsAndSpaces_GivesIdsWithBeginning()
    {
        var ids = InductionTask.Tokenizer.Encode("fox sun fox").Ids;
        ids.Select(InductionTask.Tokenizer.TokenText).ShouldBe(["<bos>", "fox", "sun", "fox"]);
    }

    private static int AfterEarlierOccurrence(IReadOnlyList<int> tokens)
    {
        for (var i = 0; i < tokens.Count - 1; i++)
            if (tokens[i] == tokens[^1])
                return tokens[i + 1];
        return -1;
    }
}
