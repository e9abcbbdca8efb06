namespace Interp.Tests.Unit.Text;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class TokenBatchTests
{
    private static readonly int[][] Rows = [[5, 6, 7], [8], [9, 10]];

    [Fact]
    public void Constructor_Right_PadsAfter()
    {
        var batch = new TokenBatch(Rows, padId: 3);
        batch.Width.ShouldBe(3);
        batch.IsPadded.ShouldBeTrue();
        batch.Ids.ToArray().ShouldBe([5, 6, 7, 8, 3, 3, 9, 10, 3]);
        batch.Mask.ToArray().ShouldBe([true, true, true, true, false, false, true, true, false]);
        batch.PositionIds().ShouldBe([0, 1, 2, 0, 0, 0, 0, 1, 0]);
        batch.Column(2, ^1).ShouldBe(1);
        batch.Row(2).ShouldBe([9, 10]);
    }

    [Fact]
    public void Constructor_Left_PadsBefore()
    {
        var batch = new TokenBatch(Rows, padId: 3, PaddingSide.Left);
        batch.Ids.ToArray().ShouldBe([5, 6, 7, 3, 3, 8, 3, 9, 10]);
        batch.Mask.ToArray().ShouldBe([true, true, true, false, false, true, false, true, true]);
        batch.PositionIds().ShouldBe([0, 1, 2, 0, 0, 0, 0, 0, 1]);
        batch.Column(1, ^1).ShouldBe(2);
        batch.Row(1).ShouldBe([8]);
    }

    [Fact]
    public void Constructor_EqualRows_NeedNoMask() => new TokenBatch([[1, 2], [3, 4]], 0).IsPadded.ShouldBeFalse();

    [Fact]
    public void Constructor_Empty_SaysWhichRow()
    {
        Should.Throw<ArgumentException>(() => new TokenBatch([], 0)).Message.ShouldContain("at least one");
        Should.Throw<ArgumentException>(() => new TokenBatch([[1], []], 0)).Message.ShouldContain("Row 1 of 2");
        Should.Throw<ArgumentOutOfRangeException>(() => new TokenBatch(Rows, 0).Column(1, 1)).Message.ShouldContain("1 tokens");
        Should.Throw<ArgumentOutOfRangeException>(() => new TokenBatch(Rows, 0).Row(3)).Message.ShouldContain("3 rows");
    }

    [Fact]
    public void Encode_Texts_PadsWithTheTokenizersToken()
    {
        var tokenizer = new VocabularyTokenizer(["a", "b", "PAD"], pad: "PAD");
        TokenBatch.Encode(tokenizer, ["ab", "b"]).Ids.ToArray().ShouldBe([0, 1, 1, 2]);
    }
}
