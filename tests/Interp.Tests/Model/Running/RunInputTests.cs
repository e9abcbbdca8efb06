namespace Interp.Tests.Model.Running;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class RunInputTests
{
    [Fact]
    public void Of_NoRowOrAnEmptyOne_SaysWhich()
    {
        Should.Throw<ArgumentException>(() => RunInput.Of(Array.Empty<int[]>())).Message.ShouldContain("at least one");
        Should.Throw<ArgumentException>(() => RunInput.Of([[1], []])).Message.ShouldContain("Prompt 1");
    }

    [Theory]
    [InlineData(PaddingSide.Left, new[] { 0L, 0, 5, 1, 2, 3 }, new[] { 0L, 0, 1, 1, 1, 1 })]
    [InlineData(PaddingSide.Right, new[] { 5L, 0, 0, 1, 2, 3 }, new[] { 1L, 0, 0, 1, 1, 1 })]
    public void TokenTensor_RowsOfDifferentLength_ArePadded(PaddingSide side, long[] tokens, long[] mask)
    {
        using var scope = NewDisposeScope();
        var input = RunInput.Of([[5], [1, 2, 3]], side);
        input.TokenTensor(CPU).data<long>().ToArray().ShouldBe(tokens);
        input.MaskTensor(CPU)!.data<long>().ToArray().ShouldBe(mask);
    }

    [Fact]
    public void Capture_Role_TakesEachPromptsOwnPlace()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2).WithTokenizer(new VocabularyTokenizer("abcdefghijklmnopqrstuvwxyzAB".Select(c => c.ToString())));
        Prompt[] prompts = [Prompt.Parse("ab{who:c}def"), Prompt.Parse("a{who:d}bcef")];
        using var run = model.On(prompts).Capture(ResidPre[1], ResidPre[1].At(Position.Role("who"))).Run();
        using var scope = NewDisposeScope();
        var (whole, named) = (run[ResidPre[1]], run[ResidPre[1].At(Position.Role("who"))]);
        named.shape.ShouldBe([2, 16]);
        (named[0] - whole[0, 2]).abs().max().ToDouble().ShouldBe(0);
        (named[1] - whole[1, 1]).abs().max().ToDouble().ShouldBe(0);
    }

    [Fact]
    public void Replace_Role_ChangesEachPromptsOwnPlace()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2).WithTokenizer(new VocabularyTokenizer("abcdefghijklmnopqrstuvwxyzAB".Select(c => c.ToString())));
        Prompt[] prompts = [Prompt.Parse("ab{who:c}def"), Prompt.Parse("a{who:d}bcef")];
        using var run = model.On(prompts).Zero(ResidPre[1].At(Position.Role("who"))).Capture(ResidPre[1]).Run();
        using var scope = NewDisposeScope();
        var zero = run[ResidPre[1]].abs().sum(-1).eq(0).to(ScalarType.Int64).data<long>().ToArray();
        zero.ShouldBe([0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    }

    [Fact]
    public void Capture_UnknownRole_NamesThoseThereAre()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2).WithTokenizer(new VocabularyTokenizer("abcdefghijklmnopqrstuvwxyzAB".Select(c => c.ToString())));
        var plan = model.On([Prompt.Parse("ab{who:c}")]).Capture(ResidPre.At(Position.Role("whom")));
        Should.Throw<KeyNotFoundException>(() => plan.Run()).Message.ShouldContain("who");
    }
}
