namespace Muster.Tests;
public sealed class SkeletonTests { [Fact] public void Builds() => Assert.Equal(4, 2 + 2); }
