namespace Interp.Tests.Model.Running;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class CaptureStorageTests
{
    [Fact]
    public void KeepOn_Disk_GivesTheSameBitsAndDeletesItsFiles()
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModel.Random(TinyModel.Llama);
        var plan = model.On(TinyModel.Tokens(model.Config, 2, 5, seed: 1)).Capture(ResidPost, Pattern, Z.At(Position.Last)).WithoutLogits();
        using var memory = plan.Run();
        using (var disk = plan.KeepOn(CaptureStorage.Disk(folder.Path)).Budget(10).Run())
        {
            Directory.GetFiles(folder.Path).Length.ShouldBe(9);
            disk.Cache.Bytes.ShouldBe(memory.Cache.Bytes);
            foreach (var (name, values) in memory.Cache)
                disk.Cache[name].Equals(values).ShouldBeTrue(name.ToString());
        }
        Directory.GetFiles(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void Budget_TooSmall_SaysBothNumbersAndTheWaysOut()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var plan = model.On(TinyModel.Tokens(model.Config, 2, 5, seed: 1)).Capture(ResidPost);
        plan.CaptureBytes().ShouldBe(3 * 2 * 5 * 16 * 8);
        var message = Should.Throw<InvalidOperationException>(() => plan.Budget(1000).Run()).Message;
        message.ShouldContain("3,840");
        message.ShouldContain("1,000");
        message.ShouldContain("Disk");
        plan.Budget(3840).Run().Dispose();
    }
}
