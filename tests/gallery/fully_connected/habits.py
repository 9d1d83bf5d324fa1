"""Network (a) with the habits of other libraries."""

from torch import nn


# expect: softmax-at-the-end, tanh-missing
class Mlp(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(D, K), nn.Linear(K, K), nn.Linear(K, O)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        x = x.reshape(x.shape[0], -1)
        x = self.fc1(x).tanh()
        x = self.fc2(x)
        return self.softmax(self.fc3(x))
